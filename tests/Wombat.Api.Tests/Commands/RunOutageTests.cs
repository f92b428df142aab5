using System.Globalization;
using System.Text.Json.Nodes;
using Wombat.Infrastructure.Postgres;
using Wombat.Infrastructure.Processes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Commands;

/// <summary>PostgreSQL stopped, hung, or without disk space for 20 s while a command prints.</summary>
[Category("Slow")]
public sealed class RunOutageTests
{
    private const int Lines = 1500;
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(20);

    // Lines of 2 KB that do not compress, so that they fill the buffers of Wombat and the pipe within the outage.
    private static readonly string Script = $$"""
        pad=$(head -c 1500 /dev/urandom | base64 -w 0); i=0
        while [ $i -lt {{Lines}} ]; do i=$((i+1)); echo "$i $pad"; echo $i >"$0"; sleep 0.004; done
        """;

    [Test]
    public Task Run_WhenPostgresIsStopped_IsSlowedAndLosesNoLine() =>
        RunThroughAsync(
            async (postgres, _) =>
            {
                await postgres.StopAsync(CancellationToken.None);
                await Task.Delay(Outage);
                await postgres.StartAsync(CancellationToken.None);
            }
        );

    [Test]
    public Task Run_WhenPostgresHangs_IsSlowedAndLosesNoLine() =>
        RunThroughAsync(
            async (_, folder) =>
            {
                var server = File.ReadLines(Path.Combine(folder, "postgres", "data", "postmaster.pid")).First();
                await SignalAsync("-STOP", server);
                await Task.Delay(Outage);
                await SignalAsync("-CONT", server);
            }
        );

    [Test]
    public async Task Run_WhenTheDiskOfPostgresIsFull_IsSlowedAndLosesNoLine()
    {
        using var folder = new TestFolder();
        var mounted = await ChildProcess.RunAsync(
            new ChildCommand("/bin/mount", ["-t", "tmpfs", "-o", "size=256m", "none", folder.Path], TimeSpan.FromSeconds(5)),
            CancellationToken.None
        );
        Assume.That(mounted.ExitCode, Is.Zero, "this machine allows mounts");
        try
        {
            await RunThroughAsync(FillAsync, folder.Path);
        }
        finally
        {
            await RunAsync("/bin/umount", folder.Path);
        }
    }

    private static async Task FillAsync(EmbeddedPostgres postgres, string folder)
    {
        var filler = Path.Combine(folder, "filler");
        await ChildProcess.RunAsync(
            new ChildCommand("/bin/sh", ["-c", "cat /dev/zero >\"$0\"", filler], TimeSpan.FromSeconds(20)),
            CancellationToken.None
        );
        await Task.Delay(Outage);
        File.Delete(filler);
        if (!postgres.IsRunning)
        {
            // PostgreSQL ends itself when it cannot write its WAL.
            await postgres.StartAsync(CancellationToken.None);
        }
    }

    private static async Task RunThroughAsync(Func<EmbeddedPostgres, string, Task> outage, string? serverFolder = null)
    {
        using var folder = new TestFolder();
        var open = Directory.CreateDirectory(Path.Combine(folder.Path, "open"));
        open.UnixFileMode = (UnixFileMode)0b111_111_111;
        var data = Path.Combine(folder.Path, "data");
        serverFolder ??= Path.Combine(folder.Path, "server");

        // An external server: Wombat would restart its own.
        await using var postgres = new EmbeddedPostgres(EmbeddedPostgresOptions.ForDataDirectory(serverFolder));
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ConnectionStrings__Wombat"] = postgres.ConnectionString(),
            ["WOMBAT_PLUGINS_PROXMOX_ENABLED"] = "false",
            ["WOMBAT_JOBS_LEASE_SECONDS"] = "10",
        };
        await postgres.StartAsync(CancellationToken.None);
        await using var wombat = WombatProcess.Start(data, environment);
        using var client = await wombat.ReadyAsync(data);
        var progress = Path.Combine(open.FullName, "progress");
        var arguments = new JsonArray("sh", "-c", Script, progress);
        var body = new JsonObject
        {
            ["name"] = "count",
            ["kind"] = "local",
            ["arguments"] = arguments,
        };
        var command = await client.PostAsync("/api/v1/commands", body.ToJsonString());
        var run = (await client.PostAsync($"{command.Location}/runs", "{}")).Body!;
        var job = $"/api/v1/jobs/{run["id"]}";
        await Eventually.UntilAsync(async () => await PrintedAsync(progress) > 100, "the program prints");
        await outage(postgres, serverFolder);
        Assert.That(await PrintedAsync(progress), Is.InRange(200, Lines - 1), "the program waits for PostgreSQL");
        var ended = await client.WaitForJobAsync(job, 60);
        Assert.That(((string)ended["status"]!, (int)ended["attempt"]!), Is.EqualTo(("succeeded", 1)), $"{ended}\n{wombat.Output}");
        Assert.That(await StoredAsync(client, job), Is.EqualTo(Enumerable.Range(1, Lines)), "each line is stored once and in order");
    }

    private static async Task<int> PrintedAsync(string progress) =>
        File.Exists(progress) && int.TryParse(await File.ReadAllTextAsync(progress), CultureInfo.InvariantCulture, out var number)
            ? number
            : 0;

    // The numbers at the beginning of the program's lines.
    private static async Task<List<int>> StoredAsync(WombatClient client, string job)
    {
        var numbers = new List<int>();
        await foreach (var one in EventStreamReader.ReadAsync(client, $"{job}/log"))
        {
            if (one.Name == "end")
            {
                break;
            }

            var lines = JsonNode.Parse(one.Data)!.AsArray().Where(l => (string)l!["stream"]! == "stdout");
            numbers.AddRange(lines.Select(l => int.Parse(((string)l!["text"]!).Split(' ')[0], CultureInfo.InvariantCulture)));
        }

        return numbers;
    }

    // To the server and its child processes.
    private static async Task SignalAsync(string signal, string server)
    {
        await RunAsync("/usr/bin/pkill", signal, "-P", server);
        await RunAsync("/bin/kill", signal, server);
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        var result = await ChildProcess.RunAsync(new ChildCommand(program, arguments, TimeSpan.FromSeconds(5)), CancellationToken.None);
        Assert.That(result.ExitCode, Is.Zero, result.ErrorTail);
    }
}
