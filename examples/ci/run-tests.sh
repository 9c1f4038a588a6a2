#!/bin/sh
# Runs the tests of a folder in a machine of their own. Leaves there: junit.xml of the tests, machine.xml of the run's
# stages, and serial.log of the guest. Ends as the tests do; 124 and 125 are failures of the machine.
#   usage: run-tests.sh FOLDER COMMAND [ARGS...]
#   IMAGE, MEMORY, CPUS, TIMEOUT: the machine; its image needs cloud-init and an SSH server
set -eu
folder=$1
shift
exec kubectl virt run \
  --image "${IMAGE:-quay.io/containerdisks/debian:12}" --image-pull-policy IfNotPresent \
  --memory "${MEMORY:-1Gi}" --cpus "${CPUS:-1}" --timeout "${TIMEOUT:-30m}" \
  --copy "$folder:/src" --workdir /src \
  --artifact "/src/junit.xml:$folder/junit.xml" --junit "$folder/machine.xml" --log "$folder/serial.log" \
  -- "$@"
