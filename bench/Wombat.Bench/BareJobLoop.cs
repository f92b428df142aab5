using System.Diagnostics;
using Npgsql;
using NpgsqlTypes;

namespace Wombat.Bench;

/// <summary>
/// The baseline: claims a hundred jobs and completes them, without leases, retries, order or fairness. The same table as Wombat's with
/// fewer indexes.
/// </summary>
internal sealed class BareJobLoop(NpgsqlDataSource data) : IAsyncDisposable
{
    private const string Claim = """
        update raw_jobs set state = 'running', attempt = attempt + 1, worker = 'w', started_at = now()
        where id = any(array(select id from raw_jobs where state = 'queued' and run_at <= now()
            order by priority, run_at, id limit $1 for update skip locked)) returning id, kind, payload
        """;

    public static async Task<BareJobLoop> CreateAsync(BenchmarkEnvironment bed)
    {
        await BenchmarkEnvironment.ExecuteAsync(
            bed.Server,
            """
            create table raw_jobs(
              id bigint generated always as identity primary key, kind text not null, payload jsonb not null default '{}',
              state text not null default 'queued',
              priority smallint not null default 0, run_at timestamptz not null default now(), attempt int not null default 0,
              worker text, started_at timestamptz, finished_at timestamptz);
            create index on raw_jobs (priority, run_at, id) where state = 'queued'
            """
        );
        return new BareJobLoop(
            NpgsqlDataSource.Create(
                new NpgsqlConnectionStringBuilder(bed.Server) { MaxAutoPrepare = 20, NoResetOnClose = true }.ConnectionString
            )
        );
    }

    public async Task<double> DrainAsync(int count)
    {
        await RunAsync("truncate raw_jobs");
        await RunAsync($"insert into raw_jobs(kind) select 'noop' from generate_series(1, {count})");
        await RunAsync("vacuum analyze raw_jobs");
        await using var connection = await data.OpenConnectionAsync();
        var from = Stopwatch.GetTimestamp();
        while (await ClaimAsync(connection, 100) is { Count: > 0 } ids)
        {
            await CompleteAsync(connection, ids);
        }

        return count / Stopwatch.GetElapsedTime(from).TotalSeconds;
    }

    public async Task<List<double>> PickUpAsync(int tries)
    {
        await using var listener = await data.OpenConnectionAsync();
        await using var worker = await data.OpenConnectionAsync();
        await using (var listen = new NpgsqlCommand("listen raw_jobs", listener))
        {
            await listen.ExecuteNonQueryAsync();
        }

        long started = 0;
        using var picked = new SemaphoreSlim(0);
        using var stop = new CancellationTokenSource();
        var loop = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                try
                {
                    await listener.WaitAsync(stop.Token);
                }
                catch (OperationCanceledException)
                {
                    return;
                }

                if (await ClaimAsync(worker, 10) is { Count: > 0 } ids)
                {
                    Volatile.Write(ref started, Stopwatch.GetTimestamp());
                    await CompleteAsync(worker, ids);
                    picked.Release();
                }
            }
        });
        var times = new List<double>();
        for (var i = 0; i < tries; i++)
        {
            await Task.Delay(Random.Shared.Next(5, 15));
            await RunAsync(
                "with j as (insert into raw_jobs(kind) values ('noop') returning id) select pg_notify('raw_jobs', ''), id from j"
            );
            var committed = Stopwatch.GetTimestamp();
            await picked.WaitAsync();
            times.Add(Stopwatch.GetElapsedTime(committed, Volatile.Read(ref started)).TotalMilliseconds);
        }

        await stop.CancelAsync();
        await loop;
        return times;
    }

    public ValueTask DisposeAsync() => data.DisposeAsync();

    private static async Task<List<long>> ClaimAsync(NpgsqlConnection connection, int batch)
    {
        await using var command = new NpgsqlCommand(Claim, connection) { Parameters = { new NpgsqlParameter<int> { TypedValue = batch } } };
        var ids = new List<long>(batch);
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            ids.Add(reader.GetInt64(0));
        }

        return ids;
    }

    private static async Task CompleteAsync(NpgsqlConnection connection, List<long> ids)
    {
        await using var command = new NpgsqlCommand(
            "update raw_jobs set state = 'succeeded', finished_at = now() where id = any($1)",
            connection
        )
        {
            Parameters =
            {
                new NpgsqlParameter { Value = ids.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint },
            },
        };
        await command.ExecuteNonQueryAsync();
    }

    private async Task RunAsync(string sql)
    {
        await using var command = data.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
