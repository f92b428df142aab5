// Drives a running Wombat with the generated client: node contract.js URL TOKEN SCENARIO.
import { ApiException, JobDto, JobState, ProblemDetails, ResourceStatus, Visibility, WombatClient } from "../../web/src/api/client.js";

declare const process: { argv: string[]; exitCode: number };

const [url, token, scenario] = process.argv.slice(2);

const client = new WombatClient(url, {
  fetch: (address: RequestInfo, init?: RequestInit) =>
    fetch(address, { ...init, headers: { ...(init?.headers as Record<string, string>), Authorization: `Bearer ${token}` } }),
});

function check(condition: unknown, what: string): asserts condition {
  if (!condition) {
    throw new Error(`check failed: ${what}`);
  }
}

async function failure(call: Promise<unknown>): Promise<ApiException> {
  try {
    await call;
  } catch (e) {
    check(e instanceof Error && ApiException.isApiException(e), `an ApiException is thrown, and not ${JSON.stringify(e)}`);
    return e;
  }

  throw new Error("check failed: the call fails");
}

const unique = () => "ts-" + crypto.randomUUID().slice(0, 8) + "x";

const createProject = (unix_name = unique()) => client.createProject({ name: `Project ${unix_name}`, unix_name });

async function ended(job_id: string): Promise<JobDto> {
  for (;;) {
    const job = await client.getJob(job_id, "30s");
    if (job.finished_at !== null) {
      return job;
    }
  }
}

async function succeeded(job_id: string): Promise<JobDto> {
  const job = await ended(job_id);
  check(job.status === JobState.Succeeded, `${job.kind} succeeds, and not ${JSON.stringify(job)}`);
  return job;
}

const scenarios: Record<string, () => Promise<void>> = {
  async project() {
    const made = await client.createProject({ name: "Web shop", unix_name: unique(), description: null, visibility: Visibility.Internal, tags: ["shop"] });
    check(made.description === "" && made.active && made.visibility === Visibility.Internal, "null and absent fields get their defaults");
    check(typeof made.created_at === "string" && !Number.isNaN(new Date(made.created_at).getTime()), "a time is the text that its type says");
    check(made.actions.length > 0, "the caller's actions are listed");
    const found = await client.listProjects(undefined, undefined, undefined, undefined, undefined, made.unix_name);
    check(found.items.length === 1 && found.items[0].id === made.id, "unix_name finds it");
    const changed = await client.patchProject(made.id, { description: "Sells things." });
    check(changed.version === made.version + 1 && changed.name === made.name, "a patch changes one field");
    const replaced = await client.updateProject(made.id, { ...changed, name: "Shop" }, `"${changed.version}"`);
    check(replaced.name === "Shop" && replaced.description === "Sells things.", "what was read can be sent back");
    const deleted = await client.deleteProject(made.id);
    check(deleted.deleting_since !== null, "the answer to a delete is the project");
    await succeeded(deleted.job_id);
    check((await failure(client.getProject(made.id))).status === 404, "it is gone");
  },

  async container() {
    const project = await createProject();
    const plan = await client.planContainer(project.id, { template: "quick", name: "web", memory: 64 });
    check(plan.possible && plan.would_create.name === "web", "the plan tells what would be created");
    const accepted = await client.createContainer(project.id, { template: "quick", name: "web", memory: 64, cpu: null });
    check(accepted.name === "web" && accepted.memory === 64, "the answer to a create is the container");
    await succeeded(accepted.job_id);
    const container = await client.getContainer(project.id, accepted.id);
    check(container.status === ResourceStatus.Running, "it runs");
    const listed = await client.listProjectContainers(project.id, undefined, undefined, undefined, undefined, [ResourceStatus.Running, ResourceStatus.Stopped]);
    check(listed.items.length === 1, "several states filter a list");
    await succeeded((await client.deleteContainer(project.id, container.id)).job_id);
    check((await client.getContainer(project.id, container.id)).status === ResourceStatus.Deleted, "it is deleted");
  },

  async job() {
    const project = await createProject();
    const failed = await ended((await client.createContainer(project.id, { template: "full" })).job_id);
    check(failed.status === JobState.Failed && failed.error !== null && failed.error.message.length > 0, "a failed job says why");
    const again = await client.retryJob(failed.id);
    check(again.job_id === failed.id, "a retry is the same job");
    await ended(again.job_id);
    const hanging = await client.createContainer(project.id, { template: "hang" });
    await client.cancelJob(hanging.job_id);
    check((await ended(hanging.job_id)).status === JobState.Cancelled, "a cancelled job ends");
    const jobs = await client.listJobs(undefined, undefined, undefined, undefined, project.id, undefined, [JobState.Failed, JobState.Cancelled]);
    check(jobs.items.length === 2, "several states filter a list");
  },

  async log() {
    const project = await createProject();
    const { job_id } = await client.createContainer(project.id, { template: "lines" });
    await succeeded(job_id);
    const numbers: number[] = [];
    for (let after: number | null = 0; after !== null; ) {
      const page = await client.getJobLog(job_id, after, 10);
      numbers.push(...page.items.map((line) => line.number));
      after = page.next_after;
      check(after !== null || page.ended, "the last page says that the log has ended");
    }

    check(numbers.length > 40 && numbers.every((number, i) => number === i + 1), "every line comes once, in order");
  },

  async paging() {
    const prefix = unique();
    for (const letter of ["a", "b", "c"]) {
      await createProject(`${prefix}-${letter}`);
    }

    const names: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await client.listProjects(2, cursor, "unix_name", true, prefix);
      check(page.total === 3, "the total is what matches");
      names.push(...page.items.map((project) => project.unix_name));
      if (page.next_cursor === null) {
        break;
      }

      cursor = page.next_cursor;
    }

    check(names.join() === ["a", "b", "c"].map((letter) => `${prefix}-${letter}`).join(), "every item comes once, in order");
  },

  async error() {
    const bad = await failure(client.createProject({ name: "x", unix_name: "Bad Name" }));
    const problem: ProblemDetails = bad.result;
    check(bad.status === 400 && problem.code === "validation_failed", "the problem document is with the error");
    check(problem.errors?.name?.length === 1 && problem.errors.unix_name.length > 0, "it names the fields");
    const wrong = await failure(client.createProject({ name: "Name", unix_name: unique(), visibility: "secret" as Visibility }));
    check(wrong.result.errors.visibility[0] === "must be one of private, internal, public", "it lists the allowed values");
    const missing = await failure(client.getJob(crypto.randomUUID()));
    check(missing.status === 404 && missing.result.code === "job_not_found" && missing.result.trace_id.length > 0, "not found");
    const project = await createProject();
    const stale = await failure(client.patchProject(project.id, { name: "Another" }, '"77"'));
    check(stale.status === 412, "a stale version is refused");
  },

  async idempotency() {
    const [key, unix_name] = [crypto.randomUUID(), unique()];
    const first = await client.createProject({ name: "Once", unix_name }, key);
    const again = await client.createProject({ name: "Once", unix_name }, key);
    check(JSON.stringify(first) === JSON.stringify(again), "the same request gets the same answer");
    const other = await failure(client.createProject({ name: "Twice", unix_name }, key));
    check(other.status === 422 && other.result.code === "idempotency_key_reused", "another request with the key is refused");
  },
};

try {
  await scenarios[scenario]();
} catch (e) {
  console.error(e);
  process.exitCode = 1;
}
