/** The parts of OpenStack's `network_data.json` that cloud-init builds a network from. */
const parts = ["links", "networks", "services"] as const;

/** The message about network data of a ConfigDrive that is not in OpenStack's form. */
export const notOpenStack =
  "cloud-init sets up no network by the network data of a ConfigDrive unless they are OpenStack's JSON, with links and networks; what is no JSON keeps it from the user data, too";

/** Whether a text is OpenStack's `network_data.json`, the only form of cloud-init's ConfigDrive source. */
export function isOpenStackNetwork(text: string): boolean {
  try {
    const data: unknown = JSON.parse(text);
    return typeof data === "object" && data !== null && parts.some((part) => part in data);
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

/** The same check in CEL, for an expression with the text. Other text may pass too: CEL cannot parse JSON. */
export function celIsOpenStackNetwork(text: string): string {
  // A CEL string needs two backslashes for one.
  return String.raw`${text}.matches('^\\s*[{](?s:.*)"(${parts.join("|")})"\\s*:')`;
}
