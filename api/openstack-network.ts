/** The parts of OpenStack's `network_data.json`, of which cloud-init makes a network. */
const parts = ["links", "networks", "services"] as const;

/** What becomes of network data of a ConfigDrive that are not OpenStack's. */
export const notOpenStack =
  "cloud-init sets up no network by the network data of a ConfigDrive unless they are OpenStack's JSON, with links and networks; what is no JSON keeps it from the user data, too";

/** Whether a text is OpenStack's `network_data.json`: the only form in which cloud-init's ConfigDrive source takes a network. */
export function isOpenStackNetwork(text: string): boolean {
  try {
    const data: unknown = JSON.parse(text);
    return typeof data === "object" && data !== null && parts.some((part) => part in data);
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

/** The same in CEL, of an expression for the text. What passes may still be none: CEL reads no JSON. */
export function celIsOpenStackNetwork(text: string): string {
  // In a string of CEL a backslash is written twice.
  return String.raw`${text}.matches('^\\s*[{](?s:.*)"(${parts.join("|")})"\\s*:')`;
}
