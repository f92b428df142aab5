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
internal sealed class EmbeddedPostgres(WombatSettings settings)
{
    private const int SocketPathMax = 100;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly string home = Path.Combine(settings.DataDirectory, "postgres");
    private readonly PostgresBinaries binaries = PostgresBinaries.Find(settings.PostgresBinaries);

    private string Data => Path.Combine(home, "data");

    private string PasswordFile => Path.Combine(settings.DataDirectory, "postgres-password");

    private string LogFile => Path.Combine(home, "log");

    /// <summary>Prepares folders and password. The server need not run yet.</summary>
    public string ConnectionString()
    {
        Directory.CreateDirectory(home);
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
    public async Task StartAsync(CancellationToken cancel)
    {
        var user = await PostgresUser.ChooseAsync(home, binaries.Folder, cancel);
        user.Own(home);
        Directory.CreateDirectory(SocketFolder());
        user.Own(SocketFolder());
        if (!File.Exists(Path.Combine(Data, "PG_VERSION")))
        {
            await InitializeAsync(user, cancel);
        }

        await StopAsync(user, leftBehind: true, cancel);
        string[] options = [$"-k {SocketFolder()}", "-h ''", "-c shared_buffers=256MB", "-c max_connections=100", "-c jit=off", "-c max_wal_size=2GB", "-c unix_socket_permissions=0700"];
        var result = await RunAsync(user, "pg_ctl", ["-D", Data, "-l", LogFile, "-w", "-t", "90", "-s", "-o", string.Join(' ', options), "start"], cancel);
        if (result.ExitCode != 0)
        {
            throw new InvalidOperationException($"The embedded PostgreSQL does not start; {LogFile} says why. {LastLogLine()}");
        }
    }

    public async Task StopAsync(CancellationToken cancel)
    {
        var user = await PostgresUser.ChooseAsync(home, binaries.Folder, cancel);
        await StopAsync(user, leftBehind: false, cancel);
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
        user.Own(copy);
        try
        {
            var draft = Data + ".new";
            if (Directory.Exists(draft))
            {
                Directory.Delete(draft, recursive: true);
            }

            var result = await RunAsync(user, "initdb", ["-D", draft, "-U", "wombat", "-A", "scram-sha-256", "--pwfile", copy, "-E", "UTF8", "--locale=C", "--no-instructions"], cancel);
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
        var pidFile = Path.Combine(Data, "postmaster.pid");
        if (!File.Exists(pidFile))
        {
            return;
        }

        if (leftBehind && !IsOurServer(pidFile))
        {
            // The number may be anyone's by now; PostgreSQL would take a living stranger for itself.
            File.Delete(pidFile);
            return;
        }

        var stopped = await RunAsync(user, "pg_ctl", ["-D", Data, "-m", "fast", "-w", "-t", "20", "-s", "stop"], cancel);
        if (stopped.ExitCode != 0 && File.Exists(pidFile))
        {
            await RunAsync(user, "pg_ctl", ["-D", Data, "-m", "immediate", "-w", "-t", "20", "-s", "stop"], cancel);
        }
    }

    private bool IsOurServer(string pidFile)
    {
        try
        {
            var pid = int.Parse(File.ReadLines(pidFile).First());
            var command = File.ReadAllText($"/proc/{pid}/cmdline");
            return command.Contains("postgres", StringComparison.Ordinal) && command.Contains(Data, StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or InvalidOperationException)
        {
            return false;
        }
    }

    // A Unix socket's path is short; a data directory's need not be.
    private string SocketFolder()
    {
        var folder = Path.Combine(home, "socket");
        return Encoding.UTF8.GetByteCount(folder) <= SocketPathMax - ".s.PGSQL.5432".Length
            ? folder
            : Path.Combine("/tmp", $"wombat-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(home)))[..16]}");
    }

    private Task<ChildResult> RunAsync(PostgresUser user, string program, string[] arguments, CancellationToken cancel)
    {
        var (file, all) = user.Wrap(Path.Combine(binaries.Folder, program), arguments);
        return ChildProcess.RunAsync(new ChildCommand(file, all, Patience) { WorkingDirectory = "/" }, cancel);
    }

    private string LastLogLine() => File.Exists(LogFile) ? File.ReadLines(LogFile).LastOrDefault() ?? "" : "";
}
