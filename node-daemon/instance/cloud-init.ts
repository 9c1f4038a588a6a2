import type { CloudInitSecret } from "../../api/contract/placeholder-volumes.ts";
import { hostnameOf } from "../../api/host-name.ts";
import { isOpenStackNetwork } from "../../api/openstack-network.ts";
import type { VirtualMachineInstance } from "../../api/resources.ts";
import type { InstanceIdentity } from "./identity.ts";

type Volume = NonNullable<VirtualMachineInstance["spec"]["volumes"]>[number];
type CloudInit = NonNullable<Volume["cloudInitNoCloud"]>;

/** Data from Secrets. */
type SecretData = Partial<Record<CloudInitSecret["holds"], Buffer>>;

/** The disk label that cloud-init's NoCloud source looks for. */
export const noCloudLabel = "cidata";

/** The files of a NoCloud disk; `secrets` is the data from Secrets. */
export function noCloudFiles(
  instance: VirtualMachineInstance,
  { namespace, name }: InstanceIdentity,
  cloudInit: CloudInit,
  secrets: SecretData = {},
): Record<string, string | Buffer> {
  const metaData = {
    "instance-id": `${name}.${namespace}`,
    "local-hostname": hostnameOf(instance),
  };
  const { user, network } = dataOf(cloudInit, secrets);
  return {
    // JSON is valid YAML.
    "meta-data": `${JSON.stringify(metaData)}\n`,
    "user-data": user,
    ...(network === undefined ? {} : { "network-config": network }),
  };
}

/** The disk label that cloud-init's ConfigDrive source looks for. */
export const configDriveLabel = "config-2";

const networkFile = "openstack/latest/network_data.json";

/** The files of a ConfigDrive disk (OpenStack's layout); `secrets` is the data from Secrets. */
export function configDriveFiles(
  instance: VirtualMachineInstance,
  { namespace, name }: InstanceIdentity,
  cloudInit: CloudInit,
  secrets: SecretData = {},
): Record<string, string | Buffer> {
  const metaData = {
    // cloud-init uses this as the instance ID. As with NoCloud, it identifies the machine and not this run.
    uuid: `${name}.${namespace}`,
    name,
    hostname: hostnameOf(instance),
  };
  const { user, network } = dataOf(cloudInit, secrets);
  return {
    "openstack/latest/meta_data.json": `${JSON.stringify(metaData)}\n`,
    "openstack/latest/user_data": user,
    ...(network === undefined ? {} : { [networkFile]: network }),
  };
}

/** Whether cloud-init can use a ConfigDrive disk's network data, if there are any. */
export function takesNetwork({ [networkFile]: network }: Readonly<Record<string, string | Buffer>>): boolean {
  return network === undefined || isOpenStackNetwork(String(network));
}

/** The data of a disk for the guest, from any of the fields. */
function dataOf(cloudInit: CloudInit, secrets: SecretData): { user: string | Buffer; network?: string | Buffer } {
  const user = text(cloudInit.userData, cloudInit.userDataBase64) ?? secrets.userdata ?? "";
  const network = text(cloudInit.networkData, cloudInit.networkDataBase64) ?? secrets.networkdata;
  return { user, ...(network === undefined ? {} : { network }) };
}

/** The data in a Secret's files. Throws, naming the Secret and the key, when it is missing. */
export function secretData({ holds, secretName }: CloudInitSecret, files: ReadonlyMap<string, Buffer>): Buffer {
  // Handmade Secrets often use the other KubeVirt spelling of the keys.
  const data = files.get(holds) ?? files.get(holds === "userdata" ? "userData" : "networkData");
  if (!data) throw new Error(`Secret "${secretName}" has no key "${holds}"`);
  return data;
}

function text(plain: string | undefined, base64: string | undefined): string | Buffer | undefined {
  return plain ?? (base64 === undefined ? undefined : Buffer.from(base64, "base64"));
}
