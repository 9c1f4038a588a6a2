import { type SubresourceVersion, subresourceGroup } from "../../api/sub-resources.ts";
import type { Endpoint } from "./endpoint.ts";
import { endpoints } from "./endpoints/endpoints.ts";

const { name: group, versions } = subresourceGroup;
const info = { title: "Sub-resources of virtual machines", version: "v1" };

interface PathItem {
  path: string;
  method: "get" | "put";
  operationId: string;
  summary: string;
  parameters: readonly string[];
}

/** The OpenAPI 2 document of all versions. */
export function openApiV2(): object {
  const paths = Object.fromEntries(
    versions.flatMap(pathsOf).map(({ path, method, operationId, summary, parameters }) => [
      path,
      {
        [method]: {
          operationId,
          summary,
          parameters: parameters.map((name) => ({ name, in: "path", required: true, type: "string" })),
          responses: { "200": { description: "OK" } },
        },
      },
    ]),
  );
  return { swagger: "2.0", info, paths, definitions: {} };
}

/** The paths of the OpenAPI 3 documents. */
export function openApiV3Paths(): object {
  return {
    paths: Object.fromEntries(
      versions.map((version) => {
        const path = `apis/${group}/${version}`;
        return [path, { serverRelativeURL: `/openapi/v3/${path}` }];
      }),
    ),
  };
}

/** The OpenAPI 3 document of a version. */
export function openApiV3(version: SubresourceVersion): object {
  const paths = Object.fromEntries(
    pathsOf(version).map(({ path, method, operationId, summary, parameters }) => [
      path,
      {
        [method]: {
          operationId,
          summary,
          parameters: parameters.map((name) => ({ name, in: "path", required: true, schema: { type: "string" } })),
          responses: { "200": { description: "OK" } },
        },
      },
    ]),
  );
  return { openapi: "3.0.0", info, paths };
}

function pathsOf(version: SubresourceVersion): PathItem[] {
  const prefix = `/apis/${group}/${version}`;
  const item = (path: string, method: "get" | "put", summary: string): PathItem => ({
    path: `${prefix}/${path}`,
    method,
    operationId: `${version}-${method}-${path.replace(/[{}]/g, "").replace(/\//g, "-")}`,
    summary,
    parameters: [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name),
  });
  const ofObjects = Object.entries(endpoints).flatMap(([resource, known]) =>
    Object.entries(known).flatMap(([name, endpoint]) =>
      suffixes(endpoint).map((suffix) =>
        item(
          `namespaces/{namespace}/${resource}/{name}/${name}${suffix}`,
          methodOf(endpoint),
          `${name} of ${resource}`,
        ),
      ),
    ),
  );
  return [
    ...ofObjects,
    item("namespaces/{namespace}/expand-vm-spec", "put", "A VirtualMachine with everything written out"),
    item("version", "get", "The level of KubeVirt's API that is served"),
    item("guestfs", "get", "The image that disks are inspected with"),
    item("healthz", "get", "Whether the server works"),
  ];
}

const methodOf = ({ method }: Endpoint): "get" | "put" => (method === "GET" ? "get" : "put");
const suffixes = ({ rest }: Endpoint): readonly string[] => (rest ? ["/{port}", "/{port}/{protocol}"] : [""]);
