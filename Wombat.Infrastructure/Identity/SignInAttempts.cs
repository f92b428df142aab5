using System.Security.Cryptography;
using System.Text;
using Npgsql;
using Wombat.Application.Sessions;
using Wombat.Domain.Common;

namespace Wombat.Infrastructure.Identity;

/// <summary>Failed sign-ins, counted in PostgreSQL. After the free ones the wait doubles; a quarter of an hour without failure forgets them.</summary>
public sealed class SignInAttempts(NpgsqlDataSource database, TimeProvider clock) : ISignInAttempts
{
    private const int FreeOfAccount = 5;
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

    private const string Remember = """
        insert into sign_in_origins (subject, last_at) values ($1, $2) on conflict (subject) do update set last_at = excluded.last_at
        """;

    public async Task<SignInAttempt> BeginAsync(string account, SignInOrigin origin, CancellationToken cancel)
    {
        var counter = await OfAccountAsync(account, origin, cancel);
        var counters = counter.IsKnownOrigin
            ? [counter.Counter]
            : new[]
            {
                new SignInCounter($"address {ClientNetwork.Of(origin.Address)}", FreeOfAddress, IsOfAccount: false),
                counter.Counter,
            };
        foreach (var each in counters)
        {
            await CountAsync(each, cancel);
        }

        return new SignInAttempt(origin, counters);
    }

    public async Task<SignInAttempt> AlsoAtAsync(SignInAttempt attempt, string account, CancellationToken cancel)
    {
        var (counter, _) = await OfAccountAsync(account, attempt.Origin, cancel);
        await CountAsync(counter, cancel);
        return attempt with { Counters = [.. attempt.Counters, counter] };
    }

    public async Task SucceededAsync(SignInAttempt attempt, string account, CancellationToken cancel)
    {
        await using var batch = database.CreateBatch();
        foreach (var counter in attempt.Counters)
        {
            batch.BatchCommands.Add(
                counter.IsOfAccount
                    ? new NpgsqlBatchCommand("delete from sign_in_failures where subject = $1")
                    {
                        Parameters = { Of(Hash(counter.Subject)) },
                    }
                    : TakenBack(counter)
            );
        }

        foreach (var known in Origins(account, attempt.Origin))
        {
            batch.BatchCommands.Add(
                new NpgsqlBatchCommand(Remember)
                {
                    Parameters =
                    {
                        Of(Hash(known)),
                        new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() },
                    },
                }
            );
        }

        await batch.ExecuteNonQueryAsync(cancel);
    }

    public async Task TakeBackAsync(SignInAttempt attempt, CancellationToken cancel)
    {
        await using var batch = database.CreateBatch();
        foreach (var counter in attempt.Counters)
        {
            batch.BatchCommands.Add(TakenBack(counter));
        }

        await batch.ExecuteNonQueryAsync(cancel);
    }

    // The counter of the account for this device or address where the owner has signed in from it before, else the one that all
    // strangers share.
    private async Task<(SignInCounter Counter, bool IsKnownOrigin)> OfAccountAsync(
        string account,
        SignInOrigin origin,
        CancellationToken cancel
    )
    {
        foreach (var subject in Origins(account, origin))
        {
            await using var command = database.CreateCommand("select 1 from sign_in_origins where subject = $1");
            command.Parameters.Add(Of(Hash(subject)));
            if (await command.ExecuteScalarAsync(cancel) is not null)
            {
                return (new SignInCounter(subject, FreeOfAccount, IsOfAccount: true), true);
            }
        }

        return (new SignInCounter($"account {account}", FreeOfAccount, IsOfAccount: true), false);
    }

    private static IEnumerable<string> Origins(string account, SignInOrigin origin)
    {
        if (origin.Device is { } device)
        {
            yield return $"account {account} device {device}";
        }

        if (origin.Address is { } address)
        {
            yield return $"account {account} address {ClientNetwork.Of(address)}";
        }
    }

    private async Task CountAsync(SignInCounter counter, CancellationToken cancel)
    {
        var (now, subject) = (clock.GetUtcNow(), Hash(counter.Subject));
        await using var command = database.CreateCommand(Count);
        command.Parameters.Add(Of(subject));
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = counter.Free });
        command.Parameters.Add(new NpgsqlParameter<double> { TypedValue = LongestWaitSeconds });
        if (await command.ExecuteScalarAsync(cancel) is not null)
        {
            return;
        }

        await using var read = database.CreateCommand("select wait_until from sign_in_failures where subject = $1");
        read.Parameters.Add(Of(subject));
        var until = await read.ExecuteScalarAsync(cancel) is DateTime time ? new DateTimeOffset(time) : now;
        throw new TooManyRequestsException(
            ErrorCode.TooManySignIns,
            "Too many sign-ins have failed. Wait before the next one.",
            until - now
        );
    }

    private static NpgsqlBatchCommand TakenBack(SignInCounter counter) =>
        new(TakeBack)
        {
            Parameters =
            {
                Of(Hash(counter.Subject)),
                new NpgsqlParameter<int> { TypedValue = counter.Free },
            },
        };

    private static NpgsqlParameter<byte[]> Of(byte[] subject) => new() { TypedValue = subject };

    // Hashed: people type passwords into the wrong field.
    private static byte[] Hash(string subject) => SHA256.HashData(Encoding.UTF8.GetBytes(subject));
}
