import { jobStages, type Report } from "./report.ts";

/**
 * A report in the form of JUnit's XML that CI systems read: one test case for each stage that began, and one for the
 * command in any case. A command that ends with another code than 0 is a failure; whatever keeps the job from being
 * done is an error of the stage in which it happened.
 */
export function junitOf({ name, namespace, exitCode, error, stages }: Report): string {
  const begun = jobStages.filter((stage) => stages[stage] !== undefined);
  // The deletion comes after an error, not with it.
  const broken = error === undefined ? undefined : (begun.findLast((stage) => stage !== "delete") ?? "command");
  const names = begun.includes("command")
    ? begun
    : [...begun.filter((stage) => stage !== "delete"), "command" as const];
  const ended =
    exitCode === undefined ? "<skipped/>" : exitCode === 0 ? "" : `<failure message="exit code ${exitCode}"/>`;
  const cases = names.map((stage) => {
    const inside = stage === broken ? `<error message="${escaped(error ?? "")}"/>` : stage === "command" ? ended : "";
    return `    <testcase classname="kubectl-virt.run" name="${stage}" time="${stages[stage] ?? 0}">${inside}</testcase>`;
  });
  const count = (element: string): number => cases.filter((text) => text.includes(`<${element}`)).length;
  const time = Object.values(stages).reduce((sum, seconds) => sum + seconds, 0);
  const counts = `tests="${cases.length}" failures="${count("failure")}" errors="${count("error")}" skipped="${count("skipped")}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    "<testsuites>",
    `  <testsuite name="${escaped(`${namespace}/${name}`)}" ${counts} time="${time.toFixed(3)}">`,
    ...cases,
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

/** Escapes a text for an attribute. XML has no form for most control characters, so these are replaced. */
function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "\n": "&#10;",
  };
  return text
    .replace(/[&<>"\n]/g, (one) => entities[one] ?? one)
    .replace(/(?![\t\n\r])\p{Cc}|[\ufffe\uffff]/gu, "\ufffd");
}
