#!/bin/sh
# A test suite without a framework: tests of the machine that it runs in, and a report in JUnit's XML.
failures=0
cases=
check() {
  name=$1
  shift
  if "$@" >/dev/null 2>&1; then
    cases="$cases<testcase classname=\"suite\" name=\"$name\"/>"
  else
    failures=$((failures + 1))
    cases="$cases<testcase classname=\"suite\" name=\"$name\"><failure message=\"$*\"/></testcase>"
    echo "failed: $name ($*)" >&2
  fi
}
check "the guest is a machine with systemd" systemctl --version
check "there is room on the disk" sh -c 'test "$(df --output=avail / | tail -1)" -gt 100000'
check "${EXTRA_CHECK:-the shell works}" ${EXTRA_CHECK:-true}
echo "<testsuite name=\"suite\" tests=\"3\" failures=\"$failures\">$cases</testsuite>" >junit.xml
test "$failures" -eq 0
