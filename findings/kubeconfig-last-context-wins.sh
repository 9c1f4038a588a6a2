#!/bin/sh
# One would expect a client of Kubernetes to read KUBECONFIG="one:two" as kubectl does: where both
# files set a value, current-context included, the first file wins; a missing file is passed over.
#
# The official clients for JavaScript and Python take current-context from the LAST file instead. So
# with the same variable, and no word said, they talk to another cluster than kubectl. The one for
# JavaScript moreover throws "Duplicate cluster" when one name is in two of the files, and ENOENT
# when a file is missing.
#
# Seen with @kubernetes/client-node 2.0.1 and kubernetes 35.0.0 for Python; k8s.io/client-go v0.34.1
# stands for kubectl, whose rules it holds.
#
# Why it matters: a script or plug-in that stops or deletes virtual machines acts on the wrong
# cluster for everyone who lists two files, after `kubectl get vms` has shown the right one.
#
# What to do instead: ask kubectl for the merged file (`kubectl config view --raw --flatten`) and
# hand it to loadFromString() or load_kube_config_from_dict(), or always name the context.
set -eu

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
export HOME="$dir"
echo '{ "private": true, "type": "module" }' > package.json
export GOPATH="$dir/go" GOCACHE="$dir/cache" GOFLAGS=-modcacherw
npm install --silent --no-audit --no-fund @kubernetes/client-node@2.0.1 node@24.9.0
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target site kubernetes==35.0.0 python-dateutil==2.9.0.post0

# One cluster, user and context, all of the name $1, with a server on port $2.
config() {
  echo "{ apiVersion: v1, kind: Config, current-context: $1, users: [{ name: $1, user: { token: abc } }],"
  echo "clusters: [{ name: $1, cluster: { server: 'https://127.0.0.1:$2' } }],"
  echo "contexts: [{ name: $1, context: { cluster: $1, user: $1 } }] }"
}
config test 6001 > first; config test 6002 > again; config other 6003 > other

cat > try.js <<'JS'
import { KubeConfig } from '@kubernetes/client-node';
try {
  const config = new KubeConfig();
  config.loadFromDefault();
  console.log(config.getCurrentCluster().server);
} catch (error) {
  console.log(`throws ${error.message.replaceAll(process.cwd() + '/', '')}`);
}
JS
cat > try.go <<'GO'
package main

import "k8s.io/client-go/tools/clientcmd"

func main() {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, nil).ClientConfig()
	if err != nil {
		panic(err)
	}
	print(config.Host)
}
GO
go mod init try 2> go.log && go get k8s.io/client-go/tools/clientcmd@v0.34.1 2>> go.log && go build -o try try.go 2>> go.log || { cat go.log; exit 1; }

cat > try.py <<'PY'
from kubernetes import client, config
config.load_kube_config()
print(client.Configuration.get_default_copy().host)
PY

echo "$(go list -m k8s.io/client-go); $(npm ls | grep -o '@kubernetes.*'); kubernetes $(ls site | grep -o '^kubernetes-[0-9.]*[0-9]')"
for files in "$dir/first:$dir/other" "$dir/first:$dir/again" "$dir/first:$dir/missing"; do
  echo "KUBECONFIG=$files" | sed "s#$dir/##g"
  echo "  Go:         $(KUBECONFIG=$files ./try 2>&1)"
  echo "  JavaScript: $(KUBECONFIG=$files node_modules/.bin/node try.js)"
  echo "  Python:     $(KUBECONFIG=$files PYTHONPATH=site python3 try.py)"
done | tee seen

diff - seen <<'TEXT'
KUBECONFIG=first:other
  Go:         https://127.0.0.1:6001
  JavaScript: https://127.0.0.1:6003
  Python:     https://127.0.0.1:6003
KUBECONFIG=first:again
  Go:         https://127.0.0.1:6001
  JavaScript: throws Duplicate cluster: test
  Python:     https://127.0.0.1:6001
KUBECONFIG=first:missing
  Go:         https://127.0.0.1:6001
  JavaScript: throws ENOENT: no such file or directory, open 'missing'
  Python:     https://127.0.0.1:6001
TEXT
