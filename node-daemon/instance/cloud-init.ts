import type { CloudInitSecret } from "../../api/contract/placeholder-volumes.ts";
import { hostnameOf } from "../../api/names.ts";
import { isOpenStackNetwork } from "../../api/openstack-network.ts";
import type { VirtualMachineInstance } from "../../api/resources.ts";
import type { InstanceIdentity } from "./identity.ts";

type Volume = NonNullable<VirtualMachineInstance["spec"]["volumes"]>[number];
type CloudInit = NonNullable<Volume["cloudInitNoCloud"]>;

/** The data that are kept in Secrets. */
type SecretData = Partial<Record<CloudInitSecret["holds"], Buffer>>;

/** The label by which cloud-init's NoCloud source knows its disk. */
export const noCloudLabel = "cidata";

/** The files of a NoCloud disk; `secrets` are the data that are kept in Secrets. */
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
    // JSON is YAML.
    "meta-data": `${JSON.stringify(metaData)}\n`,
    "user-data": user,
    ...(network === undefined ? {} : { "network-config": network }),
  };
}

/** The label by which cloud-init's ConfigDrive source knows its disk. */
export const configDriveLabel = "config-2";

const networkFile = "openstack/latest/network_data.json";

/** The files of a ConfigDrive disk (OpenStack's layout); `secrets` are the data that are kept in Secrets. */
export function configDriveFiles(
  instance: VirtualMachineInstance,
  { namespace, name }: InstanceIdentity,
  cloudInit: CloudInit,
  secrets: SecretData = {},
): Record<string, string | Buffer> {
  const metaData = {
    // cloud-init takes it for the instance's id; as with NoCloud, it is that of the machine and not of this run.
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

/** Whether cloud-init makes a network of what the files of a ConfigDrive disk say of it, if they say anything. */
export function takesNetwork({ [networkFile]: network }: Readonly<Record<string, string | Buffer>>): boolean {
  return network === undefined || isOpenStackNetwork(String(network));
}

/** What a disk holds for the guest, whichever form it is given in. */
function dataOf(cloudInit: CloudInit, secrets: SecretData): { user: string | Buffer; network?: string | Buffer } {
  const user = text(cloudInit.userData, cloudInit.userDataBase64) ?? secrets.userdata ?? "";
  const network = text(cloudInit.networkData, cloudInit.networkDataBase64) ?? secrets.networkdata;
  return { user, ...(network === undefined ? {} : { network }) };
}

/** The data among the files of a Secret; throws, naming Secret and key, when it has none. */
export function secretData({ holds, secretName }: CloudInitSecret, files: ReadonlyMap<string, Buffer>): Buffer {
  // Secrets made by hand often have the keys in KubeVirt's other spelling.
  const data = files.get(holds) ?? files.get(holds === "userdata" ? "userData" : "networkData");
  if (!data) throw new Error(`Secret "${secretName}" has no key "${holds}"`);
  return data;
}

function text(plain: string | undefined, base64: string | undefined): string | Buffer | undefined {
  return plain ?? (base64 === undefined ? undefined : Buffer.from(base64, "base64"));
}
