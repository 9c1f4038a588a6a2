// The program of a virtual machine's placeholder pod: it waits for a signal that says how the machine ended.
//
//   hold             wait; end with 0 on SIGUSR1 (the machine ended well) and with 1 on SIGUSR2 (it failed)
//   hold copy DEST   copy this program to DEST, so that an init container can provide it to an image without programs
//
// When a pod's last process has ended, the kubelet kills the rest of the pod's cgroup with SIGKILL. The machine runs in
// that cgroup. So a request to end (SIGTERM and similar signals) must not end this program: the node daemon shuts the
// machine down first and then sends one of the two signals.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { failed = 1, usage_error = 64 }; // 64: EX_USAGE of sysexits.h

// stdio would be most of the program's size.
static void say(const char *text) {
  if (write(STDERR_FILENO, text, strlen(text)) < 0) {
    // The error cannot be reported anywhere else.
  }
}

static int fail(const char *what) {
  const char *why = strerror(errno);
  say("hold: ");
  say(what);
  say(": ");
  say(why);
  say("\n");
  return failed;
}

// Blocks every signal, so that none ends this program and none is lost before sigwaitinfo. That also works for process
// 1 of a container: the kernel discards only signals that process 1 neither handles nor blocks.
static int hold(void) {
  sigset_t every, awaited;
  sigfillset(&every);
  if (sigprocmask(SIG_BLOCK, &every, NULL) < 0) return fail("blocking signals");

  sigemptyset(&awaited);
  sigaddset(&awaited, SIGUSR1);
  sigaddset(&awaited, SIGUSR2);
  sigaddset(&awaited, SIGCHLD);
  for (;;) {
    // Before the first wait too: a child of the program before exec may have ended already.
    while (waitpid(-1, NULL, WNOHANG) > 0) {
    }
    switch (sigwaitinfo(&awaited, NULL)) {
    case SIGUSR1:
      return 0;
    case SIGUSR2:
      return failed;
    }
  }
}

static int copy(const char *destination) {
  int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  if (from < 0) return fail("/proc/self/exe");
  // An earlier attempt's copy has mode 0555, so only root could open it for writing; and it may be running.
  if (unlink(destination) < 0 && errno != ENOENT) return fail(destination);
  int to = open(destination, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0555);
  if (to < 0) return fail(destination);
  ssize_t sent;
  do {
    sent = sendfile(to, from, NULL, 1 << 20);
  } while (sent > 0);
  if (sent < 0) return fail(destination);
  if (fchmod(to, 0555) < 0) return fail(destination); // independent of the umask
  if (close(to) < 0) return fail(destination);
  return 0;
}

int main(int argc, char **argv) {
  if (argc == 1) return hold();
  if (argc == 3 && strcmp(argv[1], "copy") == 0) return copy(argv[2]);
  say("usage: hold | hold copy DEST\n");
  return usage_error;
}
