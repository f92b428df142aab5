using System.Diagnostics;
using Npgsql;
using Wombat.Infrastructure.Processes;
using Wombat.TestSupport;

namespace Wombat.Bench;

/// <summary>
/// The point-in-time restore of a database of 1 GB, compared with a copy of its backup by cp and the start of a server on the copy, which
/// replays the archived WAL up to the same time.
/// </summary>
internal sealed class DatabaseRestoreBench(WombatClient client, string project, string data)
{
    private const int Rows = 9_000_000;
    private const int Rounds = 3;

    // Without checksums of the files, TLS and roles.
    private const string Copy = """
        bin=$(dirname "$(readlink "/proc/$(head -n 1 "$1/data/postmaster.pid")/exe")")
        owner=$(stat -c %U "$1/data")
        cp -a "$(ls -d "$1"/backups/*/data | tail -n 1)" "$2/data"
        chmod 700 "$2/data"
        chown "$owner" "$2"
        chown -R "$owner" "$2/data"
        cd "$2/data"
        mkdir -p pg_wal/archive_status pg_wal/summaries
        chown -R "$owner" pg_wal
        printf 'local all all trust\n' > pg_hba.conf
        cat > postgresql.conf <<CONF
        listen_addresses = ''
        unix_socket_directories = '$2'
        shared_buffers = 64MB
        max_connections = 55
        hot_standby = off
        restore_command = 'cp $(ls -d "$1"/archive/*)/%f %p'
        recovery_target_time = '$3'
        recovery_target_action = promote
        CONF
        touch recovery.signal
        chown "$owner" recovery.signal postgresql.conf pg_hba.conf
        setpriv --reuid="$owner" --regid="$owner" --clear-groups "$bin/pg_ctl" -D "$2/data" -l "$2/log" -w -t 600 start >/dev/null
        """;

    private const string Stop = """
        bin=$(dirname "$(readlink "/proc/$(head -n 1 "$2/data/postmaster.pid")/exe")")
        setpriv --reuid="$(stat -c %U "$2/data")" --regid="$(stat -c %G "$2/data")" --clear-groups \
          "$bin/pg_ctl" -D "$2/data" -m immediate stop >/dev/null
        """;

    public async Task RunAsync()
    {
        await client.PutAsync("/api/v1/tiers/bench-restore", """{"storage":8192,"deletion_policy":"hard_delete","grace_days":0}""");
        var path = await client.CreateDatabaseAsync(project, "large", "bench-restore");
        var connection = await client.RevealAsync(path);
        await DatabaseBench.ExecuteAsync(
            connection,
            $"create table t as select n, md5(n::text) || md5((-n)::text) as text from generate_series(1, {Rows}) n"
        );
        Report.Note(
            $"restore: {await DatabaseBench.ExecuteAsync(connection, "select pg_size_pretty(pg_database_size(current_database()))")}"
        );
        await client.WaitForJobAsync((await client.PostAsync($"{path}/backups")).Location!, 600);
        await DatabaseBench.ExecuteAsync(connection, "insert into t select n, 'late' from generate_series(1, 100000) n");
        var target = await TimeAsync(connection);
        await DatabaseBench.ExecuteAsync(connection, "drop table t");
        await ArchivedAsync(path, target);
        var (ours, copy) = (new List<double>(), new List<double>());
        for (var round = 0; round < Rounds; round++)
        {
            ours.Add(await RestoreAsync(path, $"large-{round}", target));
            copy.Add(await CopyAsync(target));
        }

        Report.Line("restore-1-gb", Report.Median(ours), Report.Median(copy), "s");
    }

    private static async Task<DateTimeOffset> TimeAsync(string connection)
    {
        var time = (DateTime)(await DatabaseBench.ExecuteAsync(connection, "select clock_timestamp() from pg_sleep(0.1)"))!;
        await DatabaseBench.ExecuteAsync(connection, "select pg_sleep(0.1)");
        return new DateTimeOffset(time.ToUniversalTime());
    }

    private Task ArchivedAsync(string path, DateTimeOffset target) =>
        Eventually.GetAsync(
            () => client.GetAsync($"{path}/backups"),
            a => a.Body?["last_restorable_at"] is { } last && DateTimeOffset.Parse((string)last!) >= target,
            "the target is archived",
            TimeSpan.FromMinutes(3)
        );

    private async Task<double> RestoreAsync(string path, string name, DateTimeOffset target)
    {
        var from = Stopwatch.GetTimestamp();
        var asked = await client.PostAsync(
            $"{path}/restore",
            $$"""{"name":"{{name}}","target_time":"{{target:yyyy-MM-ddTHH:mm:ss.ffffffZ}}"}"""
        );
        await client.WaitForJobAsync(asked.Location!, 900);
        var restored = $"/api/v1/databases/{asked.Body!["id"]}";
        var rows = await DatabaseBench.ExecuteAsync(await client.RevealAsync(restored), "select count(*) from t");
        var took = Stopwatch.GetElapsedTime(from).TotalSeconds;
        if (rows is not (long)(Rows + 100_000))
        {
            throw new InvalidOperationException($"The restored database has {rows} rows.");
        }

        await client.WaitForJobAsync((await client.DeleteAsync(restored)).Location!, 300);
        return took;
    }

    private async Task<double> CopyAsync(DateTimeOffset target)
    {
        var source = Directory
            .GetDirectories(Path.Combine(data, "databases"))
            .Single(d => Directory.Exists(Path.Combine(d, "backups")) && Path.GetFileName(d)[0] != '.');
        using var folder = new TestFolder();
        var from = Stopwatch.GetTimestamp();
        await ScriptAsync(Copy, source, folder.Path, $"{target:O}");
        var connection = $"Host={folder.Path};Username=postgres;Database=app;Pooling=false";
        await Eventually.UntilAsync(() => AcceptsAsync(connection), "the copy has replayed its WAL", TimeSpan.FromMinutes(10));
        await DatabaseBench.ExecuteAsync(connection, "select count(*) from t");
        var took = Stopwatch.GetElapsedTime(from).TotalSeconds;
        await ScriptAsync(Stop, source, folder.Path);
        return took;
    }

    private static async Task<bool> AcceptsAsync(string connection)
    {
        try
        {
            await DatabaseBench.ExecuteAsync(connection, "select 1");
            return true;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.CannotConnectNow)
        {
            return false;
        }
    }

    private static async Task ScriptAsync(string script, params string[] arguments)
    {
        var result = await ChildProcess.RunAsync(
            new ChildCommand("/bin/bash", ["-euc", script, "bench", .. arguments], TimeSpan.FromMinutes(15)),
            CancellationToken.None
        );
        if (result.ExitCode != 0)
        {
            throw new InvalidOperationException($"The baseline fails: {result.ErrorTail}");
        }
    }
}
