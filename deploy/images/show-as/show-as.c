// Mounts a file or folder of the node at another place of the node. Files of KubeVirt's user appear there as files of
// USER; if USER is `-`, the owners stay as they are.
//
//   show-as USER SOURCE PLACE [ro]
//
// A disk on a claim belongs to user and group 107 for every machine: authors make it so, and other programs expect it.
// A machine's QEMU runs as another user. Changing the owner would leave the claim to a user that other programs do not
// know, and not all storage allows it. An idmapped mount (mount_setattr(2)) shows another owner and changes nothing.
// If a file system does not support that, the file appears with its real owner: this program's caller checks that.
//
// It works in the mount namespace of process 1. Debian 12's mount(8) has no option for idmapped mounts.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { failed = 1, usage_error = 64 }; // 64: EX_USAGE of sysexits.h

// KubeVirt's user and group.
#define STORED "107"

// From linux/mount.h, which musl lacks; the numbers of the calls are the same on all architectures.
#ifndef SYS_open_tree
#define SYS_open_tree 428
#define SYS_move_mount 429
#endif
#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif
#define TREE_CLONE 1
#define TREE_CLOEXEC O_CLOEXEC
#define FROM_EMPTY_PATH 4
#define ATTR_RDONLY 1
#define ATTR_IDMAP 0x100000
struct attributes {
  uint64_t set, clear, propagation, userns;
};

static int fail(const char *what) {
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  return failed;
}

static int write_map(pid_t pid, const char *name, const char *map) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
  int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0) return -1;
  ssize_t written = write(file, map, strlen(map));
  close(file);
  return written < 0 ? -1 : 0;
}

// A user namespace that maps the stored user and group to those of the machine; -1 if it cannot be made.
static int mapping(const char *user) {
  int ready[2];
  if (pipe2(ready, O_CLOEXEC) < 0) return -1;
  pid_t child = fork();
  if (child == 0) {
    if (unshare(CLONE_NEWUSER) == 0 && write(ready[1], "", 1) == 1) pause();
    _exit(failed);
  }
  close(ready[1]);
  int namespace = -1;
  char byte, map[64], path[64];
  snprintf(map, sizeof map, STORED " %s 1", user);
  snprintf(path, sizeof path, "/proc/%d/ns/user", (int)child);
  if (child > 0 && read(ready[0], &byte, 1) == 1 && write_map(child, "uid_map", map) == 0 &&
      write_map(child, "gid_map", map) == 0) {
    namespace = open(path, O_RDONLY | O_CLOEXEC);
  }
  close(ready[0]);
  if (child > 0) {
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
  }
  return namespace;
}

// For kernels before 5.12, which have no idmapped mounts.
static int bind_as_it_is(const char *source, const char *place, int read_only) {
  if (mount(source, place, NULL, MS_BIND, NULL) < 0) return fail("mount");
  if (read_only && mount(NULL, place, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) < 0) {
    int error = errno;
    umount2(place, MNT_DETACH);
    errno = error;
    return fail("mount, read-only");
  }
  return 0;
}

static int set(int tree, uint64_t attributes, int userns) {
  struct attributes wanted = {.set = attributes, .userns = userns < 0 ? 0 : (uint64_t)userns};
  return (int)syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH, &wanted, sizeof wanted);
}

int main(int argc, char **argv) {
  int read_only = argc == 5 && strcmp(argv[4], "ro") == 0;
  int as_it_is = argc > 1 && strcmp(argv[1], "-") == 0;
  if ((argc != 4 && !read_only) || (!as_it_is && argv[1][strspn(argv[1], "0123456789")] != '\0')) {
    fputs("usage: show-as USER SOURCE PLACE [ro]\n", stderr);
    return usage_error;
  }
  const char *user = argv[1], *source = argv[2], *place = argv[3];
  int node = open("/proc/1/ns/mnt", O_RDONLY | O_CLOEXEC);
  if (node < 0 || setns(node, CLONE_NEWNS) < 0) return fail("the node's mount namespace");
  int tree = (int)syscall(SYS_open_tree, AT_FDCWD, source, TREE_CLONE | TREE_CLOEXEC);
  if (tree < 0 && errno == ENOSYS) return bind_as_it_is(source, place, read_only);
  if (tree < 0) return fail(source);
  uint64_t others = read_only ? ATTR_RDONLY : 0;
  int userns = as_it_is ? -1 : mapping(user);
  if ((userns < 0 || set(tree, others | ATTR_IDMAP, userns) < 0) && others != 0 && set(tree, others, -1) < 0) {
    if (errno == ENOSYS) return bind_as_it_is(source, place, read_only);
    return fail("mount_setattr, read-only");
  }
  if (syscall(SYS_move_mount, tree, "", AT_FDCWD, place, FROM_EMPTY_PATH) < 0) return fail(place);
  return 0;
}
