import type { VirtualMachineInstance } from "../api/resources.ts";
import type { InstanceIdentity } from "./instance.ts";
import type { Secrets } from "./ports.ts";

type Volume = NonNullable<VirtualMachineInstance["spec"]["volumes"]>[number];
type CloudInit = NonNullable<Volume["cloudInitNoCloud"]>;

/** The label by which cloud-init's NoCloud source knows its disk. */
export const noCloudLabel = "cidata";

/** The files of a NoCloud disk. Throws, naming the field, when a Secret that is named is not there. */
export async function noCloudFiles(
  instance: VirtualMachineInstance,
  { namespace, name }: InstanceIdentity,
  cloudInit: CloudInit,
  secrets: Secrets,
): Promise<Record<string, string | Buffer>> {
  const metaData = {
    "instance-id": `${name}.${namespace}`,
    "local-hostname": instance.spec.hostname ?? name,
  };
  const read = async (secret: { name?: string | undefined } | undefined, key: string): Promise<Buffer | undefined> =>
    secret?.name === undefined ? undefined : secrets.read(namespace, secret.name, key);
  const user = text(cloudInit.userData, cloudInit.userDataBase64) ?? (await read(cloudInit.secretRef, "userdata"));
  const network =
    text(cloudInit.networkData, cloudInit.networkDataBase64) ??
    (await read(cloudInit.networkDataSecretRef, "networkdata"));
  return {
    // JSON is YAML.
    "meta-data": `${JSON.stringify(metaData)}\n`,
    "user-data": user ?? "",
    ...(network === undefined ? {} : { "network-config": network }),
  };
}

function text(plain: string | undefined, base64: string | undefined): string | Buffer | undefined {
  return plain ?? (base64 === undefined ? undefined : Buffer.from(base64, "base64"));
}
