using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Npgsql;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Processes;

namespace Wombat.Infrastructure.Postgres;

/// <summary>
/// A PostgreSQL server that Wombat starts and stops. The next start cleans up what a killed process left behind: a running server or a
/// stale pid file.
/// </summary>
public sealed class EmbeddedPostgres(EmbeddedPostgresOptions options) : IAsyncDisposable
{
    private const string DataName = "data";
    private const string LogName = "log";
    private static readonly TimeSpan CommandTimeout = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    private readonly string data = Path.Combine(options.Folder, DataName);
    private readonly string logFile = Path.Combine(options.Folder, LogName);
    private readonly PostmasterPidFile pidFile = new(Path.Combine(options.Folder, DataName));
    private readonly PostgresBinaries binaries = PostgresBinaries.Find(options.Binaries);
    private readonly CancellationTokenSource ending = new();
    private Task starting = Task.CompletedTask;
    private Task supervision = Task.CompletedTask;

    /// <summary>Whether the server runs now, also if another process started it.</summary>
    public bool IsRunning => pidFile.IsOfRunningServer();

    /// <summary>Creates the folder and the password if they are missing. The server need not run yet.</summary>
    public string ConnectionString()
    {
        PrivateFiles.EnsureFolder(options.Folder);
        if (!File.Exists(options.PasswordFile))
        {
            SecretFile.Write(options.PasswordFile, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24)));
        }

        var builder = new NpgsqlConnectionStringBuilder
        {
            Host = options.Port is null ? SocketFolder() : "127.0.0.1",
            Username = options.User,
            Password = File.ReadAllText(options.PasswordFile).Trim(),
            Database = "postgres",
            MaxPoolSize = 40,
            Timeout = 5,
        };
        if (options.Port is { } port)
        {
            builder.Port = port;
        }

        return builder.ConnectionString;
    }

    /// <summary>Creates the data directory if there is none, and starts the server. Stops one that runs on it.</summary>
    /// <exception cref="InvalidOperationException">The server does not start; the message says where its log is.</exception>
    public Task StartAsync(CancellationToken cancel) => starting = Task.Run(() => BeginAsync(cancel), CancellationToken.None);

    /// <summary>Restarts the server from now on when it has ended, for example when it was killed because memory was exhausted.</summary>
    public void Supervise(ILogger log) => supervision = SuperviseAsync(log, ending.Token);

    public async Task StopAsync(CancellationToken cancel)
    {
        await ending.CancelAsync();
        await starting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await supervision.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var user = await PostgresUser.ChooseAsync(options.Folder, binaries.Folder, cancel);
        await StopAsync(user, leftBehind: false, cancel);
        PostgresSocketFolder.DeleteOutside(options.Folder);
    }

    public async ValueTask DisposeAsync()
    {
        // If the start never began, another Wombat may use the data.
        if (starting != Task.CompletedTask)
        {
            await StopAsync(CancellationToken.None);
        }

        ending.Dispose();
    }

    private async Task BeginAsync(CancellationToken cancel)
    {
        var user = await PostgresUser.ChooseAsync(options.Folder, binaries.Folder, cancel);
        user.ChangeOwner(options.Folder);
        if (!File.Exists(Path.Combine(data, "PG_VERSION")))
        {
            await InitializeAsync(user, cancel);
        }

        await StopAsync(user, leftBehind: true, cancel);
        cancel.ThrowIfCancellationRequested();
        await RunServerAsync(user);
    }

    private async Task RunServerAsync(PostgresUser user)
    {
        user.CreatePrivateDirectory(SocketFolder());

        // A start is not cancelled: a server that has not yet written its pid file could not be stopped.
        var result = await RunAsync(
            user,
            "pg_ctl",
            ["-D", DataName, "-l", LogName, "-w", "-t", "90", "-s", "-o", ServerOptions(), "start"],
            CancellationToken.None
        );
        if (result.ExitCode != 0)
        {
            throw new InvalidOperationException($"The embedded PostgreSQL does not start; see {logFile}. {LastLogLine()}");
        }
    }

    // pg_ctl passes the options to a shell.
    private string ServerOptions()
    {
        var all = new Dictionary<string, string>(options.Settings, StringComparer.Ordinal)
        {
            ["jit"] = "off",
            ["unix_socket_permissions"] = "0700",
            ["port"] = options.PortText,
        };
        return
            all.FirstOrDefault(o => $"{o.Key}{o.Value}".AsSpan().ContainsAnyExcept(PostgresSocketFolder.SafeCharacters))
                is { Key: not null } unsafeOption
            ? throw new InvalidOperationException($"The server setting {unsafeOption.Key} has a character that is not allowed.")
            : $"-k {SocketFolder()} -h '{(options.Port is null ? "" : "127.0.0.1")}' "
                + $"{string.Join(' ', all.Select(o => $"-c {o.Key}={o.Value}"))}";
    }

    // Only starts the server: missing data are not created again, and PostgreSQL handles a pid file that is left.
    private async Task SuperviseAsync(ILogger log, CancellationToken cancel)
    {
        const int Enough = 2;
        using var timer = new PeriodicTimer(PollInterval);
        for (var missed = 0; await timer.WaitForNextTickAsync(cancel); )
        {
            missed = IsRunning ? 0 : missed + 1;
            if (missed < Enough)
            {
                continue;
            }

            try
            {
                log.LogError("The embedded PostgreSQL has ended and is started again; see {Log}", logFile);
                await RunServerAsync(await PostgresUser.ChooseAsync(options.Folder, binaries.Folder, cancel));
                log.LogInformation("The embedded PostgreSQL is running again");
            }
            catch (Exception e) when (!cancel.IsCancellationRequested)
            {
                log.LogError("{Error}", e.Message);
            }
        }
    }

    private async Task InitializeAsync(PostgresUser user, CancellationToken cancel)
    {
        // An incomplete folder of a start that was killed. No server ever used it.
        if (Directory.Exists(data))
        {
            Directory.Delete(data, recursive: true);
        }

        // initdb runs as the unprivileged user, so it gets a copy of the password that only this user can read.
        var copy = Path.Combine(options.Folder, "initdb-password");
        SecretFile.Write(copy, (await File.ReadAllTextAsync(options.PasswordFile, cancel)).Trim());
        user.ChangeOwner(copy);
        try
        {
            var draft = data + ".new";
            if (Directory.Exists(draft))
            {
                Directory.Delete(draft, recursive: true);
            }

            var result = await RunAsync(
                user,
                "initdb",
                ["-D", draft, "-U", options.User, "-A", "scram-sha-256", "--pwfile", copy, "-E", "UTF8", "--locale=C", "--no-instructions"],
                cancel
            );
            if (result.ExitCode != 0)
            {
                throw new InvalidOperationException($"The embedded PostgreSQL cannot be initialized: {result.ErrorTail}");
            }

            Directory.Move(draft, data);
        }
        finally
        {
            File.Delete(copy);
        }
    }

    private async Task StopAsync(PostgresUser user, bool leftBehind, CancellationToken cancel)
    {
        if (!pidFile.Exists)
        {
            return;
        }

        if (leftBehind && !IsRunning)
        {
            pidFile.DeleteIfOfAnotherProcess();
            return;
        }

        var stopped = await RunAsync(user, "pg_ctl", ["-D", DataName, "-m", "fast", "-w", "-t", "20", "-s", "stop"], cancel);
        if (stopped.ExitCode != 0 && pidFile.Exists)
        {
            await RunAsync(user, "pg_ctl", ["-D", DataName, "-m", "immediate", "-w", "-t", "20", "-s", "stop"], cancel);
        }
    }

    private string SocketFolder() => PostgresSocketFolder.For(options.Folder);

    private Task<ChildResult> RunAsync(PostgresUser user, string program, string[] arguments, CancellationToken cancel)
    {
        var (file, all) = user.Wrap(Path.Combine(binaries.Folder, program), arguments);
        return ChildProcess.RunAsync(new ChildCommand(file, all, CommandTimeout) { WorkingDirectory = options.Folder }, cancel);
    }

    private string LastLogLine() => File.Exists(logFile) ? File.ReadLines(logFile).LastOrDefault() ?? "" : "";
}
