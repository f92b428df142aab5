using System.Net.Sockets;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Persistence;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Persistence;

/// <summary>A connection that breaks fails what was under way, and nothing after it.</summary>
public sealed class BrokenConnectionTests
{
    // Not yet prepared, being prepared, prepared.
    [TestCase(0)]
    [TestCase(1)]
    [TestCase(2)]
    public async Task ContextWhoseConnectionBroke_GoesOnWithAnother(int before)
    {
        using var folder = new TestFolder();
        var server = new NpgsqlConnectionStringBuilder(await SharedPostgres.NewDatabaseAsync());
        using var relay = new SocketRelay(folder.Path, server);
        var none = new Dictionary<string, string>(StringComparer.Ordinal);
        await using var services = new ServiceCollection().AddLogging()
            .AddInfrastructure(WombatSettings.Read(none, none), new NpgsqlConnectionStringBuilder(server.ConnectionString) { Host = folder.Path }.ConnectionString)
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

    // By a socket of the file system, as with the embedded server: there already the writing fails.
    private sealed class SocketRelay : IDisposable
    {
        private readonly Socket listener = New();
        private readonly UnixDomainSocketEndPoint target;
        private readonly List<Socket> callers = [];

        public SocketRelay(string folder, NpgsqlConnectionStringBuilder server)
        {
            var name = $".s.PGSQL.{server.Port}";
            target = new UnixDomainSocketEndPoint(Path.Combine(server.Host!, name));
            listener.Bind(new UnixDomainSocketEndPoint(Path.Combine(folder, name)));
            listener.Listen();
            _ = AcceptAsync();
        }

        public void Break()
        {
            lock (callers)
            {
                callers.ForEach(c => c.Dispose());
            }
        }

        public void Dispose()
        {
            listener.Dispose();
            Break();
        }

        private static Socket New() => new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

        private async Task AcceptAsync()
        {
            while (true)
            {
                var caller = await listener.AcceptAsync();
                lock (callers)
                {
                    callers.Add(caller);
                }

                _ = ServeAsync(caller);
            }
        }

        private async Task ServeAsync(Socket caller)
        {
            using var server = New();
            await server.ConnectAsync(target);
            await using var one = new NetworkStream(caller, ownsSocket: true);
            await using var other = new NetworkStream(server);
            await await Task.WhenAny(one.CopyToAsync(other), other.CopyToAsync(one));
        }
    }
}
