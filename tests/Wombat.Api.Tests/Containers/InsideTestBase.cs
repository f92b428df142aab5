using System.Text.Json;
using System.Text.Json.Nodes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Containers;

/// <summary>One Wombat and one running busybox container for the tests that run something inside it.</summary>
public abstract class InsideTestBase
{
    protected TestServer Server { get; private set; } = null!;

    protected WombatClient Client => Server.Client;

    protected string Project { get; private set; } = "";

    /// <summary>The path of the container in the API.</summary>
    protected string Container { get; private set; } = "";

    /// <summary>The name of the container for lxc's programs.</summary>
    protected string Name { get; private set; } = "";

    protected virtual IReadOnlyDictionary<string, string> MoreSettings => new Dictionary<string, string>(StringComparer.Ordinal);

    [OneTimeSetUp]
    public async Task Start()
    {
        var settings = new Dictionary<string, string>(MoreSettings, StringComparer.Ordinal)
        {
            ["PLUGINS_PROXMOX_ENABLED"] = "true",
            ["PLUGINS_PROXMOX_CLI_PATH"] = WombatProcess.Forge(),
            ["RECONCILER_INTERVAL_SECONDS"] = "1",
            ["JOBS_DRAIN_SECONDS"] = "0",
        };
        Server = await TestServer.StartAsync(settings);
        Project = await Client.CreateProjectAsync();
        (Container, Name) = await NewContainerAsync();
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await Lxc.DestroyAllAsync(Server.DataDirectory);
        await Server.DisposeAsync();
    }

    protected async Task<(string Path, string Name)> NewContainerAsync()
    {
        var (path, job) = await Client.CreateContainerAsync(Project);
        var made = await Client.WaitForJobAsync(job);
        Assert.That((string)made["status"]!, Is.EqualTo("succeeded"), made.ToJsonString());
        return (path, (string)(await Client.GetAsync(path)).Body!["external_id"]!);
    }

    /// <summary>Requests a command, and returns the path of its job.</summary>
    protected async Task<string> ExecAsync(string more, params string[] command)
    {
        var asked = await Client.PostAsync($"{Container}/exec", $$"""{"command":{{JsonSerializer.Serialize(command)}}{{more}}}""");
        Assert.That((int)asked.Status, Is.EqualTo(202), asked.ToString());
        return asked.Location!;
    }

    /// <summary>Runs a command to its end.</summary>
    protected async Task<(JsonNode Job, string[] Stdout, string[] Stderr)> RunAsync(params string[] command)
    {
        var job = await ExecAsync("", command);
        var ended = await Client.WaitForJobAsync(job);
        var log = (await Client.GetAsync($"{job}/log?limit=1000")).Body!["items"]!.AsArray();
        string[] Of(string stream) => [.. log.Where(l => (string)l!["stream"]! == stream).Select(l => (string)l!["text"]!)];
        return (ended, Of("stdout"), Of("stderr"));
    }

    /// <summary>The processes of this machine, which include those in containers, with the text in their command lines.</summary>
    protected static int CountProcesses(string text) =>
        Directory.EnumerateDirectories("/proc").Count(d => CommandLineOf(d).Contains(text, StringComparison.Ordinal));

    /// <summary>Whether <c>sleep</c> with this argument runs itself. The programs that start it have other command lines.</summary>
    protected static bool IsAsleep(string seconds) =>
        Directory.EnumerateDirectories("/proc").Any(d => CommandLineOf(d) == $"sleep\0{seconds}\0");

    /// <summary>The arguments of a process, each followed by NUL; empty for another folder or an ended process.</summary>
    protected static string CommandLineOf(string folder)
    {
        try
        {
            return int.TryParse(Path.GetFileName(folder), out _) ? File.ReadAllText(Path.Combine(folder, "cmdline")) : "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
