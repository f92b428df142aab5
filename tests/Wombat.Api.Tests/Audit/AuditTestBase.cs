using Wombat.TestSupport;

namespace Wombat.Api.Tests.Audit;

/// <summary>Each test has a server with events of its own.</summary>
public abstract class AuditTestBase
{
    protected const string Verification = "/api/v1/audit/verification";
    protected TestServer Server { get; private set; } = null!;

    protected WombatClient Admin => Server.Client;

    [SetUp]
    public async Task Start() => Server = await TestServer.StartAsync();

    [TearDown]
    public Task Stop() => Server.DisposeAsync().AsTask();

    // Creates events and waits until all have a position.
    protected async Task CreateSequencedEventsAsync()
    {
        for (var i = 0; i < 4; i++)
        {
            await Admin.CreateProjectAsync();
        }

        await Eventually.GetAsync(
            () => Server.ScalarAsync<long>("select (select count(*) from events) - (select count(*) from event_positions)")!,
            missing => missing == 0,
            "all events have a position"
        );
    }

    protected static string[] Actions(Answer answer) => [.. answer.Body!["items"]!.AsArray().Select(e => (string)e!["action"]!)];
}
