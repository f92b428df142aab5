using System.Security.Cryptography;
using System.Text;
using Npgsql;
using Wombat.Application.Sessions;
using Wombat.Domain.Common;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Infrastructure.Identity;

/// <summary>
/// Counts failed sign-ins in PostgreSQL. After a number of free attempts the wait doubles; 15 minutes without a failure reset it.
/// </summary>
public sealed class SignInAttempts(NpgsqlDataSource database, TimeProvider clock) : ISignInAttempts
{
    private const int FreeAttemptsPerAccount = 5;
    private const int FreeAttemptsPerAddress = 20;
    private const double MaxWaitSeconds = 900;

    public async Task<SignInAttempt> BeginAsync(string account, SignInOrigin origin, CancellationToken cancel)
    {
        var counter = await FindAccountCounterAsync(account, origin, cancel);
        var counters = counter.IsKnownOrigin
            ? [counter.Counter]
            : new[]
            {
                new SignInCounter($"address {ClientNetwork.Of(origin.Address)}", FreeAttemptsPerAddress, IsAccount: false),
                counter.Counter,
            };
        foreach (var each in counters)
        {
            await CountAsync(each, cancel);
        }

        return new SignInAttempt(origin, counters);
    }

    public async Task<SignInAttempt> AddAccountAsync(SignInAttempt attempt, string account, CancellationToken cancel)
    {
        var (counter, _) = await FindAccountCounterAsync(account, attempt.Origin, cancel);
        await CountAsync(counter, cancel);
        return attempt with { Counters = [.. attempt.Counters, counter] };
    }

    public async Task SucceededAsync(SignInAttempt attempt, string account, CancellationToken cancel)
    {
        await using var batch = database.CreateBatch();
        foreach (var counter in attempt.Counters)
        {
            batch.BatchCommands.Add(counter.IsAccount ? Delete(counter) : UndoCommand(counter));
        }

        foreach (var known in Origins(account, attempt.Origin))
        {
            batch.BatchCommands.Add(RememberOrigin(known));
        }

        await batch.ExecuteNonQueryAsync(cancel);
    }

    public async Task UndoAsync(SignInAttempt attempt, CancellationToken cancel)
    {
        await using var batch = database.CreateBatch();
        foreach (var counter in attempt.Counters)
        {
            batch.BatchCommands.Add(UndoCommand(counter));
        }

        await batch.ExecuteNonQueryAsync(cancel);
    }

    // The account's counter for this device or address if the owner has signed in from it before, otherwise the counter shared by all
    // unknown origins.
    private async Task<(SignInCounter Counter, bool IsKnownOrigin)> FindAccountCounterAsync(
        string account,
        SignInOrigin origin,
        CancellationToken cancel
    )
    {
        foreach (var subject in Origins(account, origin))
        {
            if (await database.ScalarAsync<bool>($"select exists (select 1 from sign_in_origins where subject = {Hash(subject)})", cancel))
            {
                return (new SignInCounter(subject, FreeAttemptsPerAccount, IsAccount: true), true);
            }
        }

        return (new SignInCounter($"account {account}", FreeAttemptsPerAccount, IsAccount: true), false);
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
        var (now, subject, free) = (clock.GetUtcNow(), Hash(counter.Subject), counter.Free);
        var counted = await database.ScalarAsync<int?>(
            $"""
            insert into sign_in_failures as f (subject, failures, wait_until, last_at) values ({subject}, 1, '-infinity', {now})
            on conflict (subject) do update set last_at = {now},
                failures = case when f.last_at < {now} - make_interval(secs => {MaxWaitSeconds}) then 1 else f.failures + 1 end,
                wait_until = case
                    when f.last_at < {now} - make_interval(secs => {MaxWaitSeconds}) or f.failures + 1 < {free} then '-infinity'
                    else {now} + make_interval(secs => least({MaxWaitSeconds}, power(2, least(f.failures + 1 - {free}, 20)))) end
            where f.wait_until <= {now}
            returning failures
            """,
            cancel
        );
        if (counted is null)
        {
            var until = await database.ScalarAsync<DateTimeOffset?>(
                $"select wait_until from sign_in_failures where subject = {subject}",
                cancel
            );
            throw new TooManyRequestsException(
                ErrorCode.TooManySignIns,
                "Too many failed sign-ins. Wait before you try again.",
                (until ?? now) - now
            );
        }
    }

    private static NpgsqlBatchCommand Delete(SignInCounter counter) =>
        Batch($"delete from sign_in_failures where subject = {Hash(counter.Subject)}");

    // Also resets the wait, unless earlier failures have caused it.
    private static NpgsqlBatchCommand UndoCommand(SignInCounter counter) =>
        Batch(
            $"""
            update sign_in_failures set failures = greatest(0, failures - 1),
                wait_until = case when failures - 1 < {counter.Free} then '-infinity' else wait_until end
            where subject = {Hash(counter.Subject)}
            """
        );

    private NpgsqlBatchCommand RememberOrigin(string origin) =>
        Batch(
            $"""
            insert into sign_in_origins (subject, last_at) values ({Hash(origin)}, {clock.GetUtcNow()})
            on conflict (subject) do update set last_at = excluded.last_at
            """
        );

    private static NpgsqlBatchCommand Batch(SqlText sql) => sql.CreateBatchCommand();

    // Hashed, because users sometimes type a password into the login field.
    private static byte[] Hash(string subject) => SHA256.HashData(Encoding.UTF8.GetBytes(subject));
}
