using Npgsql;
using Wombat.Application.Sessions;
using Wombat.Domain.Common;
using Wombat.Infrastructure.Identity;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Identity;

public sealed class SignInAttemptsTests
{
    private NpgsqlDataSource database = null!;
    private SignInAttempts attempts = null!;

    [SetUp]
    public async Task Start()
    {
        database = NpgsqlDataSource.Create(await SharedPostgres.NewMigratedDatabaseAsync());
        attempts = new SignInAttempts(database, TimeProvider.System);
    }

    [TearDown]
    public async Task Stop() => await database.DisposeAsync();

    [Test]
    public void Begin_FromOneIPv6Network_SharesACounter()
    {
        Assert.That(
            async () =>
            {
                for (var i = 1; i < 100; i++)
                {
                    await attempts.BeginAsync($"login-{i}", new SignInOrigin($"2001:db8:0:1::{i:x}", Device: null), default);
                }
            },
            Throws.TypeOf<TooManyRequestsException>()
        );
    }

    [Test]
    public async Task Begin_FromAKnownIPv6Network_IsNotCountedWithOthers()
    {
        await attempts.SucceededAsync(
            await attempts.BeginAsync("owner", new SignInOrigin("2001:db8:0:2::1", Device: null), default),
            "owner",
            default
        );
        await database
            .CreateCommand("update sign_in_failures set failures = 100, wait_until = now() + interval '1 minute'")
            .ExecuteNonQueryAsync();
        var attempt = await attempts.BeginAsync("owner", new SignInOrigin("2001:db8:0:2::2", Device: null), default);
        Assert.That(attempt.Counters, Has.Count.EqualTo(1), "unknown origins have another counter");
    }
}
