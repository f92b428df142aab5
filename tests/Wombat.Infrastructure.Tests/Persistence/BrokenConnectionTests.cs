using System.Net.Sockets;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Persistence;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Persistence;

/// <summary>A broken connection fails the running command and none after it.</summary>
public sealed class BrokenConnectionTests
{
    // Not yet prepared, being prepared, prepared.
    [TestCase(0)]
    [TestCase(1)]
    [TestCase(2)]
    public async Task Context_WhenItsConnectionBreaks_UsesANewOne(int before)
    {
        using var folder = new TestFolder();
        var server = new NpgsqlConnectionStringBuilder(await SharedPostgres.NewDatabaseAsync());

        // By a Unix socket, as with the embedded server, where writing fails first.
        UnixDomainSocketEndPoint In(string path) => new(Path.Combine(path, $".s.PGSQL.{server.Port}"));
        await using var relay = new TcpProxy(In(server.Host!), In(folder.Path));
        var none = new Dictionary<string, string>(StringComparer.Ordinal);
        await using var services = new ServiceCollection()
            .AddLogging()
            .AddInfrastructure(
                WombatSettings.Read(none, none),
                new NpgsqlConnectionStringBuilder(server.ConnectionString) { Host = folder.Path }.ConnectionString
            )
            .BuildServiceProvider();
        await using var context = await services.GetRequiredService<IDbContextFactory<WombatDbContext>>().CreateDbContextAsync();
        await context.Database.ExecuteSqlAsync($"select 'connected'");
        Task<int> AskAsync() => context.Database.ExecuteSqlAsync($"select {1}");
        for (var i = 0; i < before; i++)
        {
            await AskAsync();
        }

        relay.Break();
        var failure = Assert.CatchAsync(AskAsync);
        Assert.That(DatabaseErrors.IsUnavailable(failure), Is.True, failure!.ToString());
        for (var i = 0; i < 4; i++)
        {
            await AskAsync();
        }
    }
}
