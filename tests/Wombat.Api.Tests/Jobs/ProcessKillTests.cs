using Wombat.Api.Tests.Containers;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Jobs;

/// <summary>
/// SIGKILL to the real program between any two steps of a provisioning: afterwards one container exists and the job is finished.
/// </summary>
[Category("Slow")]
public sealed class ProcessKillTests
{
    [TestCase("queued")]
    [TestCase("before")]
    [TestCase("during")]
    [TestCase("after")]
    public async Task Kill_AtAnyStepOfAProvisioning_LeavesOneContainerAndAFinishedJob(string step)
    {
        using var folder = new TestFolder();
        var data = Path.Combine(folder.Path, "data");
        var forge = new PausedForge(folder.Path);
        forge.PauseAt("create", step);
        string container,
            job;
        try
        {
            await using (var first = WombatProcess.Start(data, forge.Environment))
            {
                using var client = await first.ReadyAsync(data);
                (container, job) = await client.CreateContainerAsync(await client.CreateProjectAsync());
                if (step != "queued")
                {
                    await forge.ReachedAsync();
                }

                await first.KillAsync();
            }

            forge.Continue();
            await using var second = WombatProcess.Start(data, forge.Environment);
            using var again = await second.ReadyAsync(data);
            var ended = await again.WaitForJobAsync(job, 40);
            Assert.That((string)ended["status"]!, Is.EqualTo("succeeded"), ended.ToJsonString());
            var made = (await again.GetAsync(container)).Body!;
            Assert.That((string)made["status"]!, Is.EqualTo("running"));
            var all = await Lxc.AllAsync(data);
            Assert.That(all, Is.EqualTo(new[] { (string)made["external_id"]! }));
            Assert.That(await Lxc.StateAsync(data, all[0]), Is.EqualTo("RUNNING"));

            var deleted = await again.WaitForJobAsync((await again.DeleteAsync(container)).Location!);
            Assert.That((string)deleted["status"]!, Is.EqualTo("succeeded"));
            Assert.That(await Lxc.AllAsync(data), Is.Empty);
        }
        finally
        {
            await Lxc.DestroyAllAsync(data);
        }
    }

    [Test]
    public async Task Terminate_WhileAJobRuns_ReleasesItForTheNextProcess()
    {
        using var folder = new TestFolder();
        var data = Path.Combine(folder.Path, "data");
        var cli = ScriptedCli.Write(
            folder.Path,
            "cli",
            """
            here="$(dirname "$0")"; n=0; while [ $# -gt 0 ]; do [ "$1" = --name ] && n="$2"; shift; done
            echo x >>"$here/tries"; [ "$(wc -l <"$here/tries")" = 1 ] && { touch "$here/reached"; sleep 60; }
            echo "{\"id\":\"$n\",\"name\":\"$n\",\"status\":\"running\"}"
            """
        );
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PROXMOX_CLI_PATH"] = cli,
            ["WOMBAT_JOBS_DRAIN_SECONDS"] = "0.5",

            // Longer than the test: only a release makes the job available to the next process, and no pause of the machine ends a lease.
            ["WOMBAT_JOBS_LEASE_SECONDS"] = "300",
        };
        string job,
            output;
        await using (var first = WombatProcess.Start(data, environment))
        {
            using var client = await first.ReadyAsync(data);
            (_, job) = await client.CreateContainerAsync(await client.CreateProjectAsync());
            await Eventually.UntilAsync(() => File.Exists(Path.Combine(folder.Path, "reached")), "the CLI has reached the step");
            await first.TerminateAsync();
            output = first.Output;
            Assert.That(first.ExitCode, Is.Zero, output);
        }

        await using var second = WombatProcess.Start(data, environment);
        using var again = await second.ReadyAsync(data);
        var ended = await again.WaitForJobAsync(job, 40);
        Assert.That((string)ended["status"]!, Is.EqualTo("succeeded"));
        var log = (await again.GetAsync($"{job}/log")).Body;
        Assert.That((int)ended["attempt"]!, Is.EqualTo(1), $"a shutdown counts no attempt\n{log}\n{output}\n{second.Output}");
    }
}
