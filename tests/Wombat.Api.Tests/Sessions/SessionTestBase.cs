using Wombat.TestSupport;

namespace Wombat.Api.Tests.Sessions;

/// <summary>A server on which users sign in by password.</summary>
public abstract class SessionTestBase
{
    protected const string Password = "four worms under wet wood";

    protected TestServer Server { get; private set; } = null!;
    protected WombatClient Nobody { get; private set; } = null!;

    protected WombatClient Admin => Server.Client;

    [OneTimeSetUp]
    public async Task Start()
    {
        Server = await TestServer.StartAsync(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["SESSIONS_IDLE_MINUTES"] = "60",
                ["SESSIONS_LIFETIME_MINUTES"] = "600",
            }
        );
        Nobody = Admin.With(token: null);
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        Nobody.Dispose();
        await Server.DisposeAsync();
    }

    protected async Task<(string Login, string Id)> CreateUserAsync(string role = "none")
    {
        var login = $"s-{Guid.NewGuid():N}"[..16];
        return (login, await Admin.CreateUserAsync(login, $$""","password":"{{Password}}","platform_role":"{{role}}" """));
    }
}
