#pragma warning disable RS0030 // A test must start and kill the real program.
using System.Collections.Concurrent;
using System.Diagnostics;
using Wombat.Infrastructure.Postgres;
using Wombat.Infrastructure.Processes;

namespace Wombat.TestSupport;

/// <summary>The real program as a process.</summary>
public sealed class WombatProcess : IAsyncDisposable
{
    private static readonly string Program = Path.Combine(
        RepositoryRoot(),
        "Wombat.Api",
        "bin",
        Configuration(),
        "net10.0",
        "Wombat.Api.dll"
    );

    private readonly Process process;
    private readonly ConcurrentQueue<string> output = new();

    private WombatProcess(Process process, int port)
    {
        this.process = process;
        Port = port;
        process.OutputDataReceived += (_, e) => output.Enqueue(e.Data ?? "");
        process.ErrorDataReceived += (_, e) => output.Enqueue(e.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Port { get; }

    public int Id => process.Id;

    public string Output => string.Join('\n', output);

    public bool HasExited => process.HasExited;

    public int ExitCode => process.ExitCode;

    /// <summary>Resident memory in bytes.</summary>
    public long ResidentBytes
    {
        get
        {
            process.Refresh();
            return process.WorkingSet64;
        }
    }

    /// <summary>The folder of the socket of Wombat's own PostgreSQL.</summary>
    public static string SocketFolder(string dataDirectory) => PostgresSocketFolder.For(Path.Combine(dataDirectory, "postgres"));

    public static WombatProcess Start(
        string dataDirectory,
        IReadOnlyDictionary<string, string>? environment = null,
        int? port = null,
        params string[] arguments
    )
    {
        var chosen = port ?? FreePort.Next();
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.ArgumentList.Add(Program);
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (
            var name in start
                .Environment.Keys.Where(k =>
                    k.StartsWith("WOMBAT_", StringComparison.Ordinal)
                    || k is "ConnectionStrings__Wombat" or "DATABASE_URL" or "PROXMOX_CLI_PATH"
                )
                .ToList()
        )
        {
            start.Environment.Remove(name);
        }

        start.Environment["WOMBAT_DATA_DIR"] = dataDirectory;
        start.Environment["WOMBAT_PORT"] = chosen.ToString();
        start.Environment["WOMBAT_JOBS_LEASE_SECONDS"] = "2";
        start.Environment["WOMBAT_JOBS_RETRY_BASE_SECONDS"] = "0.2";
        start.Environment["WOMBAT_RECONCILER_INTERVAL_SECONDS"] = "1";
        foreach (var (name, value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            start.Environment[name] = value;
        }

        return new WombatProcess(Process.Start(start)!, chosen);
    }

    /// <summary>Waits until it is ready and returns a client with the admin token.</summary>
    public async Task<WombatClient> ReadyAsync(string dataDirectory)
    {
        await ListensAsync();
        return new WombatClient(Port, (await File.ReadAllTextAsync(Path.Combine(dataDirectory, "admin-token"))).Trim());
    }

    /// <summary>Waits until it is ready.</summary>
    /// <exception cref="InvalidOperationException">The process has ended.</exception>
    public async Task ListensAsync()
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        await Eventually.UntilAsync(async () => process.HasExited || await IsReadyAsync(http), "Wombat is ready", TimeSpan.FromMinutes(2));
        if (process.HasExited)
        {
            throw new InvalidOperationException($"Wombat has ended:\n{Output}");
        }
    }

    /// <summary>Sends SIGKILL to it and not to its child processes, as a crash would.</summary>
    public async Task KillAsync()
    {
        process.Kill(entireProcessTree: false);
        await process.WaitForExitAsync();
    }

    /// <summary>Sends SIGTERM and waits for the end.</summary>
    public async Task TerminateAsync()
    {
        if (!process.HasExited)
        {
            await ChildProcess.RunAsync(
                new ChildCommand("/bin/kill", ["-TERM", process.Id.ToString()], TimeSpan.FromSeconds(5)),
                CancellationToken.None
            );
            await process.WaitForExitAsync();
        }
    }

    public async Task<int> WaitForExitAsync()
    {
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        await TerminateAsync();
        process.Dispose();
    }

    private async Task<bool> IsReadyAsync(HttpClient http)
    {
        try
        {
            using var response = await http.GetAsync(new Uri($"http://127.0.0.1:{Port}/health/ready"));
            return response.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    public static string RepositoryRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Wombat.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("The tests do not run inside the repository.");
    }

    public static string Configuration() => AppContext.BaseDirectory.Contains("/Release/", StringComparison.Ordinal) ? "Release" : "Debug";

    /// <summary>The path of the forge that was built with the server.</summary>
    public static string Forge() => Path.Combine(Path.GetDirectoryName(Program)!, "forge", "forge");
}
