#!/bin/sh
# Makes a machine for one job, runs a command over its serial console, and deletes the machine however the job ends.
# The guest is $IMAGE. It must let root log in without a password, as localhost/tiny does.
# usage: ci-job.sh COMMAND
set -eu
name="job-$$"
trap 'kubectl virt delete "$name" --ignore-not-found' EXIT
trap 'exit 1' INT TERM
kubectl virt create "$name" --image "${IMAGE:-localhost/tiny:latest}" --image-pull-policy IfNotPresent --memory 160Mi --wait
kubectl virt console "$name" --read-only --until 'login: ' --timeout 5m >/dev/null
echo root | kubectl virt console "$name" --until '# ' --timeout 1m >/dev/null
# The guest echoes the typed command. The quotes make the command differ from its output.
answer=$(echo "$1; echo exit code \$?, job' 'ended" | kubectl virt console "$name" --until 'job ended' --timeout 10m)
printf '%s\n' "$answer"
case $answer in
*'exit code 0, job ended'*) ;;
*) exit 1 ;;
esac
