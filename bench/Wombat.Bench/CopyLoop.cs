#pragma warning disable RS0030 // The baseline starts the program itself.
using System.Diagnostics;
using System.Threading.Channels;
using Npgsql;
using NpgsqlTypes;

namespace Wombat.Bench;

/// <summary>
/// The baseline: cuts the output of the program into blocks of whole lines and writes them to a table by binary COPY, while a reader
/// follows by number.
/// </summary>
internal sealed class CopyLoop : IAsyncDisposable
{
    private const int BlockBytes = 64 * 1024;
    private const int BlocksAtOnce = 16;

    private readonly NpgsqlDataSource database;
    private readonly int lines;

    private CopyLoop(NpgsqlDataSource database, int lines) => (this.database, this.lines) = (database, lines);

    public static async Task<CopyLoop> CreateAsync(BenchmarkEnvironment bench, int lines = LogBench.Lines)
    {
        await BenchmarkEnvironment.ExecuteAsync(bench.Server, "create database copy_loop");
        var connectionString = new NpgsqlConnectionStringBuilder(bench.Server) { Database = "copy_loop" }.ConnectionString;
        await BenchmarkEnvironment.ExecuteAsync(
            connectionString,
            "create table blocks (run uuid not null, number bigint not null, at timestamptz not null, text text not null, "
                + "primary key (run, number))"
        );
        return new CopyLoop(NpgsqlDataSource.Create(connectionString), lines);
    }

    /// <summary>Lines per second from the start of the program until the reader has the last line.</summary>
    public async Task<double> RunAsync()
    {
        var run = Guid.CreateVersion7();
        var from = Stopwatch.GetTimestamp();
        var following = Task.Run(() => FollowAsync(run));
        using var program = Process.Start(
            new ProcessStartInfo("/bin/sh", ["-c", $"{LogBench.Emit} 1 {lines}"]) { RedirectStandardOutput = true, UseShellExecute = false }
        )!;
        var blocks = Channel.CreateBounded<byte[]>(2 * BlocksAtOnce);
        var reading = Task.Run(() => ReadAsync(program.StandardOutput.BaseStream, blocks.Writer));
        await StoreAsync(run, blocks.Reader);
        await reading;
        await following;
        return lines / Stopwatch.GetElapsedTime(from).TotalSeconds;
    }

    public ValueTask DisposeAsync() => database.DisposeAsync();

    private static async Task ReadAsync(Stream output, ChannelWriter<byte[]> blocks)
    {
        var buffer = new byte[BlockBytes];
        var (length, read) = (0, 0);
        while ((read = await output.ReadAsync(buffer.AsMemory(length))) > 0)
        {
            length += read;
            var end = buffer.AsSpan(0, length).LastIndexOf((byte)'\n') + 1;
            if (end > 0)
            {
                await blocks.WriteAsync(buffer[..end]);
                buffer.AsSpan(end, length - end).CopyTo(buffer);
                length -= end;
            }
        }

        blocks.Complete();
    }

    private async Task StoreAsync(Guid run, ChannelReader<byte[]> blocks)
    {
        await using var connection = await database.OpenConnectionAsync();
        long number = 0;
        while (await blocks.WaitToReadAsync())
        {
            await using (
                var copy = await connection.BeginBinaryImportAsync("copy blocks (run, number, at, text) from stdin (format binary)")
            )
            {
                for (var i = 0; i < BlocksAtOnce && blocks.TryRead(out var block); i++)
                {
                    await copy.StartRowAsync();
                    await copy.WriteAsync(run, NpgsqlDbType.Uuid);
                    await copy.WriteAsync(++number, NpgsqlDbType.Bigint);
                    await copy.WriteAsync(DateTime.UtcNow, NpgsqlDbType.TimestampTz);
                    await copy.WriteAsync(block, NpgsqlDbType.Text);
                }

                await copy.CompleteAsync();
            }

            await using var notify = new NpgsqlCommand("notify blocks", connection);
            await notify.ExecuteNonQueryAsync();
        }

        await EndAsync(connection, run, number);
    }

    // An empty block marks the end.
    private static async Task EndAsync(NpgsqlConnection connection, Guid run, long number)
    {
        await using var command = new NpgsqlCommand("insert into blocks values ($1, $2, now(), '')", connection)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = run },
                new NpgsqlParameter<long> { TypedValue = number + 1 },
            },
        };
        await command.ExecuteNonQueryAsync();
        await using var notify = new NpgsqlCommand("notify blocks", connection);
        await notify.ExecuteNonQueryAsync();
    }

    private async Task FollowAsync(Guid run)
    {
        await using var listener = await database.OpenConnectionAsync();
        await using (var listen = new NpgsqlCommand("listen blocks", listener))
        {
            await listen.ExecuteNonQueryAsync();
        }

        var check = new LineCheck(lines);
        long last = 0;
        for (var hasEnded = false; !hasEnded; )
        {
            await using var command = database.CreateCommand(
                "select number, text from blocks where run = $1 and number > $2 order by number limit 16"
            );
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = run });
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = last });
            var before = last;
            await using (var reader = await command.ExecuteReaderAsync())
            {
                while (await reader.ReadAsync())
                {
                    last = reader.GetInt64(0);
                    var text = reader.GetFieldValue<byte[]>(1);
                    hasEnded = text.Length == 0;
                    AddLines(check, text);
                }
            }

            if (last == before)
            {
                await listener.WaitAsync(100);
            }
        }

        check.EnsureComplete();
    }

    private static void AddLines(LineCheck check, ReadOnlySpan<byte> text)
    {
        while (text.IndexOf((byte)'\n') is >= 0 and var end)
        {
            check.Add(text[..end]);
            text = text[(end + 1)..];
        }
    }
}
