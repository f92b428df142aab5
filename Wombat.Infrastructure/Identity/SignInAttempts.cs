using System.Security.Cryptography;
using System.Text;
using Npgsql;
using Wombat.Application.Sessions;
using Wombat.Domain.Common;

namespace Wombat.Infrastructure.Identity;

/// <summary>Failed sign-ins, counted in PostgreSQL. After the free ones the wait doubles; a quarter of an hour without failure forgets them.</summary>
public sealed class SignInAttempts(NpgsqlDataSource database, TimeProvider clock) : ISignInAttempts
{
    private const int FreeOfLogin = 5;
    private const int FreeOfAddress = 20;
    private const double LongestWaitSeconds = 900;

    private const string Count = """
        insert into sign_in_failures as f (subject, failures, wait_until, last_at) values ($1, 1, '-infinity', $2)
        on conflict (subject) do update set last_at = $2,
            failures = case when f.last_at < $2 - make_interval(secs => $4) then 1 else f.failures + 1 end,
            wait_until = case when f.last_at < $2 - make_interval(secs => $4) or f.failures + 1 < $3 then '-infinity' else $2 + make_interval(secs => least($4, power(2, least(f.failures + 1 - $3, 20)))) end
        where f.wait_until <= $2
        returning failures
        """;

    // Its own wait, too, unless others' failures have earned it.
    private const string TakeBack = """
        update sign_in_failures set failures = greatest(0, failures - 1), wait_until = case when failures - 1 < $2 then '-infinity' else wait_until end where subject = $1
        """;

    public async Task BeginAsync(string login, string? address, CancellationToken cancel)
    {
        await CountAsync(Subject("address", address), FreeOfAddress, cancel);
        await CountAsync(Subject("login", login), FreeOfLogin, cancel);
    }

    public async Task SucceededAsync(string login, string? address, CancellationToken cancel)
    {
        await using var batch = database.CreateBatch();
        batch.BatchCommands.Add(new NpgsqlBatchCommand("delete from sign_in_failures where subject = $1") { Parameters = { Of(Subject("login", login)) } });
        batch.BatchCommands.Add(TakenBack(Subject("address", address), FreeOfAddress));
        await batch.ExecuteNonQueryAsync(cancel);
    }

    public async Task TakeBackAsync(string login, string? address, CancellationToken cancel)
    {
        await using var batch = database.CreateBatch();
        batch.BatchCommands.Add(TakenBack(Subject("login", login), FreeOfLogin));
        batch.BatchCommands.Add(TakenBack(Subject("address", address), FreeOfAddress));
        await batch.ExecuteNonQueryAsync(cancel);
    }

    private async Task CountAsync(byte[] subject, int free, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        await using var command = database.CreateCommand(Count);
        command.Parameters.Add(Of(subject));
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = free });
        command.Parameters.Add(new NpgsqlParameter<double> { TypedValue = LongestWaitSeconds });
        if (await command.ExecuteScalarAsync(cancel) is not null)
        {
            return;
        }

        await using var read = database.CreateCommand("select wait_until from sign_in_failures where subject = $1");
        read.Parameters.Add(Of(subject));
        var until = await read.ExecuteScalarAsync(cancel) is DateTime time ? new DateTimeOffset(time) : now;
        throw new TooManyRequestsException("too_many_sign_ins", "Too many sign-ins have failed. Wait before the next one.", until - now);
    }

    private static NpgsqlBatchCommand TakenBack(byte[] subject, int free) => new(TakeBack) { Parameters = { Of(subject), new NpgsqlParameter<int> { TypedValue = free } } };

    private static NpgsqlParameter<byte[]> Of(byte[] subject) => new() { TypedValue = subject };

    // Hashed: people type passwords into the wrong field.
    private static byte[] Subject(string kind, string? name) => SHA256.HashData(Encoding.UTF8.GetBytes($"{kind} {name?.ToLowerInvariant()}"));
}
