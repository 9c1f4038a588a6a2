#!/bin/sh
# A machine for one job: made, given a command over its serial console, and deleted however the job ends. The guest is
# $IMAGE; it must let root log in without a password, as localhost/tiny does.
# usage: ci-job.sh COMMAND
set -eu
name="job-$$"
trap 'kubectl virt delete "$name" --ignore-not-found' EXIT
trap 'exit 1' INT TERM
kubectl virt create "$name" --image "${IMAGE:-localhost/tiny:latest}" --image-pull-policy IfNotPresent --memory 160Mi --wait
kubectl virt console "$name" --read-only --until 'login: ' --timeout 5m >/dev/null
echo root | kubectl virt console "$name" --until '# ' --timeout 1m >/dev/null
# The guest echoes what is typed: the quotes tell the command from its output.
answer=$(echo "$1; echo exit code \$?, job' 'ended" | kubectl virt console "$name" --until 'job ended' --timeout 10m)
printf '%s\n' "$answer"
case $answer in
*'exit code 0, job ended'*) ;;
*) exit 1 ;;
esac
