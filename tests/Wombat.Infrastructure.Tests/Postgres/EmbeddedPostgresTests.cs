using Npgsql;
using Wombat.Infrastructure.Postgres;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Postgres;

/// <summary>Servers of their own for the databases of a provider. The server of Wombat itself is tested with the program.</summary>
public sealed class EmbeddedPostgresTests
{
    private TestFolder folder = null!;

    [SetUp]
    public void Start() => folder = new TestFolder();

    [TearDown]
    public void Stop() => folder.Dispose();

    [Test]
    public async Task Start_OfTwoServers_GivesEachItsDataPortUserAndSettings()
    {
        var (first, second) = (Options("first", "ada"), Options("second", "bob"));
        await using var one = new EmbeddedPostgres(first);
        await using var two = new EmbeddedPostgres(second);
        var (toOne, toTwo) = (one.ConnectionString(), two.ConnectionString());
        await Task.WhenAll(one.StartAsync(default), two.StartAsync(default));

        Assert.That(await AskAsync(toOne, "current_user"), Is.EqualTo("ada"));
        Assert.That(await AskAsync(toTwo, "current_user"), Is.EqualTo("bob"));
        Assert.That(await AskAsync(toOne, "current_setting('port')"), Is.EqualTo(first.Port.ToString()));
        Assert.That(await AskAsync(toTwo, "current_setting('shared_buffers')"), Is.EqualTo("16MB"));
        Assert.That(await AskAsync(toTwo, "current_setting('listen_addresses')"), Is.EqualTo("127.0.0.1"));

        await one.StopAsync(default);
        Assert.That((one.IsRunning, two.IsRunning), Is.EqualTo((false, true)));
    }

    [Test]
    public async Task IsRunning_InAnotherProcess_FindsTheServer()
    {
        var options = Options("kept", "wombat");
        await using var owner = new EmbeddedPostgres(options);
        owner.ConnectionString();
        await owner.StartAsync(default);

        await using var other = new EmbeddedPostgres(options);
        Assert.That(other.IsRunning, Is.True);
    }

    [Test]
    public async Task Start_WithASettingThatTheShellWouldRead_IsRefused()
    {
        await using var server = new EmbeddedPostgres(
            Options("odd", "wombat") with
            {
                Settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["log_line_prefix"] = "$(id)" },
            }
        );
        server.ConnectionString();

        Assert.That(() => server.StartAsync(default), Throws.InvalidOperationException.With.Message.Contains("log_line_prefix"));
    }

    private EmbeddedPostgresOptions Options(string name, string user) =>
        new()
        {
            Folder = Path.Combine(folder.Path, name),
            PasswordFile = Path.Combine(folder.Path, $"{name}-password"),
            User = user,
            Port = FreePort.Next(),
            Settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["shared_buffers"] = "16MB" },
        };

    private static async Task<string?> AskAsync(string connectionString, string expression)
    {
        await using var database = NpgsqlDataSource.Create(connectionString);
        await using var command = database.CreateCommand($"select {expression}::text");
        return await command.ExecuteScalarAsync() as string;
    }
}
