using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Processes;

namespace Wombat.Api.Hosting;

/// <summary>
/// A PostgreSQL of Wombat's own under the data directory, on a Unix socket alone. Started and stopped with Wombat; what a
/// killed Wombat left behind, a running server or a stale pid file, is put in order by the next start.
/// </summary>
internal sealed class EmbeddedPostgres(WombatSettings settings) : IAsyncDisposable
{
    private const int SocketPathMax = 100;
    private const string DataName = "data";
    private const string LogName = "log";
    private const string PidName = "postmaster.pid";

    // Of that file: the number, the folder and the moment of the start.
    private const int WhoLines = 3;
    private static readonly TimeSpan CommandTimeout = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);
    private static readonly SearchValues<char> ShellSafeCharacters = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-"
    );

    private readonly string home = Path.Combine(settings.DataDirectory, "postgres");
    private readonly PostgresBinaries binaries = PostgresBinaries.Find(settings.PostgresBinaries);
    private readonly CancellationTokenSource ending = new();
    private Task starting = Task.CompletedTask;
    private Task supervision = Task.CompletedTask;

    private string Data => Path.Combine(home, DataName);

    private string PidFile => Path.Combine(Data, PidName);

    private string PasswordFile => Path.Combine(settings.DataDirectory, "postgres-password");

    private string LogFile => Path.Combine(home, LogName);

    /// <summary>Prepares folders and password. The server need not run yet.</summary>
    public string ConnectionString()
    {
        PrivateFiles.EnsureFolder(home);
        if (!File.Exists(PasswordFile))
        {
            SecretFile.Write(PasswordFile, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24)));
        }

        return new NpgsqlConnectionStringBuilder
        {
            Host = SocketFolder(),
            Username = "wombat",
            Password = File.ReadAllText(PasswordFile).Trim(),
            Database = "postgres",
            MaxPoolSize = 40,
            Timeout = 5,
        }.ConnectionString;
    }

    /// <exception cref="SettingsException">The programs or the data do not fit.</exception>
    public Task StartAsync(CancellationToken cancel) => starting = Task.Run(() => BeginAsync(cancel), CancellationToken.None);

    /// <summary>From now on a server that is gone, killed for its memory perhaps, is started again.</summary>
    public void Supervise(ILogger log) => supervision = SuperviseAsync(log, ending.Token);

    public async Task StopAsync(CancellationToken cancel)
    {
        await ending.CancelAsync();
        await starting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await supervision.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var user = await PostgresUser.ChooseAsync(home, binaries.Folder, cancel);
        await StopAsync(user, leftBehind: false, cancel);
        if (Path.GetDirectoryName(SocketFolder()) != home && Directory.Exists(SocketFolder()))
        {
            Directory.Delete(SocketFolder(), recursive: true);
        }
    }

    public async ValueTask DisposeAsync()
    {
        // Where it never began, the data may be in the hands of another Wombat.
        if (starting != Task.CompletedTask)
        {
            await StopAsync(CancellationToken.None);
        }

        ending.Dispose();
    }

    private async Task BeginAsync(CancellationToken cancel)
    {
        var user = await PostgresUser.ChooseAsync(home, binaries.Folder, cancel);
        user.ChangeOwner(home);
        if (!File.Exists(Path.Combine(Data, "PG_VERSION")))
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

        // pg_ctl hands all this to a shell: plain words, and files by their place under its folder. Once begun it is waited
        // for, as a server that has not yet written its number could not be stopped.
        string[] options =
        [
            $"-k {SocketFolder()}",
            "-h ''",
            "-c shared_buffers=256MB",
            "-c max_connections=100",
            "-c jit=off",
            "-c max_wal_size=2GB",
            "-c unix_socket_permissions=0700",
        ];
        var result = await RunAsync(
            user,
            "pg_ctl",
            ["-D", DataName, "-l", LogName, "-w", "-t", "90", "-s", "-o", string.Join(' ', options), "start"],
            CancellationToken.None
        );
        if (result.ExitCode != 0)
        {
            throw new InvalidOperationException($"The embedded PostgreSQL does not start; {LogFile} says why. {LastLogLine()}");
        }
    }

    // It only ever starts: data that are gone are not made anew, and of a pid file that is left PostgreSQL knows most itself.
    private async Task SuperviseAsync(ILogger log, CancellationToken cancel)
    {
        const int Enough = 2;
        using var timer = new PeriodicTimer(PollInterval);
        for (var missed = 0; await timer.WaitForNextTickAsync(cancel); )
        {
            missed = IsOurServer() ? 0 : missed + 1;
            if (missed < Enough)
            {
                continue;
            }

            try
            {
                log.LogError("The embedded PostgreSQL is gone; it is started again. {Log} may say why", LogFile);
                await RunServerAsync(await PostgresUser.ChooseAsync(home, binaries.Folder, cancel));
                log.LogInformation("The embedded PostgreSQL runs again");
            }
            catch (Exception e) when (!cancel.IsCancellationRequested)
            {
                log.LogError("{Error}", e.Message);
            }
        }
    }

    private async Task InitializeAsync(PostgresUser user, CancellationToken cancel)
    {
        // A half-made folder of a start that was killed: no server ever ran on it.
        if (Directory.Exists(Data))
        {
            Directory.Delete(Data, recursive: true);
        }

        // initdb reads the password as the unprivileged user, so it gets a copy that only that user can read.
        var copy = Path.Combine(home, "initdb-password");
        SecretFile.Write(copy, (await File.ReadAllTextAsync(PasswordFile, cancel)).Trim());
        user.ChangeOwner(copy);
        try
        {
            var draft = Data + ".new";
            if (Directory.Exists(draft))
            {
                Directory.Delete(draft, recursive: true);
            }

            var result = await RunAsync(
                user,
                "initdb",
                ["-D", draft, "-U", "wombat", "-A", "scram-sha-256", "--pwfile", copy, "-E", "UTF8", "--locale=C", "--no-instructions"],
                cancel
            );
            if (result.ExitCode != 0)
            {
                throw new InvalidOperationException($"The embedded PostgreSQL cannot be initialized: {result.ErrorTail}");
            }

            Directory.Move(draft, Data);
        }
        finally
        {
            File.Delete(copy);
        }
    }

    private async Task StopAsync(PostgresUser user, bool leftBehind, CancellationToken cancel)
    {
        if (!File.Exists(PidFile))
        {
            return;
        }

        if (leftBehind && !IsOurServer())
        {
            RemoveStalePidFile();
            return;
        }

        var stopped = await RunAsync(user, "pg_ctl", ["-D", DataName, "-m", "fast", "-w", "-t", "20", "-s", "stop"], cancel);
        if (stopped.ExitCode != 0 && File.Exists(PidFile))
        {
            await RunAsync(user, "pg_ctl", ["-D", DataName, "-m", "immediate", "-w", "-t", "20", "-s", "stop"], cancel);
        }
    }

    // The number may be anyone's by now, so the process must itself work in the folder where the same file lies.
    private bool IsOurServer()
    {
        try
        {
            var known = File.ReadLines(PidFile).Take(WhoLines).ToList();
            return File.ReadLines($"/proc/{known[0]}/cwd/{PidName}").Take(WhoLines).SequenceEqual(known, StringComparer.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return false;
        }
    }

    // PostgreSQL would take a living stranger for itself. Of a dead one's file it makes more than we could.
    private void RemoveStalePidFile()
    {
        if (File.ReadLines(PidFile).FirstOrDefault() is not { Length: > 0 } number || Directory.Exists($"/proc/{number}"))
        {
            File.Delete(PidFile);
        }
    }

    // The path of a Unix socket is short and goes through pg_ctl's shell; a data directory's need be neither.
    private string SocketFolder()
    {
        var folder = Path.Combine(home, "socket");
        return
            Encoding.UTF8.GetByteCount(folder) <= SocketPathMax - ".s.PGSQL.5432".Length
            && !folder.AsSpan().ContainsAnyExcept(ShellSafeCharacters)
            ? folder
            : Path.Combine("/tmp", $"wombat-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(home)))[..16]}");
    }

    private Task<ChildResult> RunAsync(PostgresUser user, string program, string[] arguments, CancellationToken cancel)
    {
        var (file, all) = user.Wrap(Path.Combine(binaries.Folder, program), arguments);
        return ChildProcess.RunAsync(new ChildCommand(file, all, CommandTimeout) { WorkingDirectory = home }, cancel);
    }

    private string LastLogLine() => File.Exists(LogFile) ? File.ReadLines(LogFile).LastOrDefault() ?? "" : "";
}
