using System.Net.Http.Headers;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Access;

/// <summary>
/// An open stream ends within a second after its caller loses the permission, and sends nothing that happened later.
/// </summary>
[NonParallelizable]
public sealed class StreamRevocationTests
{
    private const string Password = "eleven pale moths";
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(1);

    private TestServer server = null!;

    private WombatClient Admin => server.Client;

    [OneTimeSetUp]
    public async Task Start() => server = await TestServer.StartAsync(cli: "while true; do echo working >&2; sleep 0.1; done");

    [OneTimeTearDown]
    public Task Stop() => server.DisposeAsync().AsTask();

    [Test]
    public async Task EventStream_WhenTokenIsRevoked_Ends()
    {
        var user = await Admin.CreateUserAsync(more: ""","platform_role":"admin" """);
        var (secret, id) = await Admin.CreateTokenAsync(user);
        using var client = Admin.With(secret);
        await EndsAsync(client, "/api/v1/events", () => Admin.DeleteAsync($"/api/v1/users/{user}/tokens/{id}"));
    }

    [Test]
    public async Task EventStream_WhenAdminRoleIsRemoved_SendsNoFurtherEvents()
    {
        var user = await Admin.CreateUserAsync(more: ""","platform_role":"admin" """);
        using var client = Admin.With((await Admin.CreateTokenAsync(user)).Secret);
        await EndsAsync(
            client,
            "/api/v1/events",
            () => Admin.PatchAsync($"/api/v1/users/{user}", """{"platform_role":"none"}"""),
            staysOpen: true
        );
    }

    [Test]
    public async Task EventStream_WhenSessionEnds_Ends()
    {
        var login = $"s-{Guid.NewGuid():N}"[..16];
        await Admin.CreateUserAsync(login, $$""","platform_role":"admin","password":"{{Password}}" """);
        using var nobody = Admin.With(token: null);
        using var session = nobody.In(await nobody.SignInAsync(login, Password));
        await EndsAsync(session, "/api/v1/events", () => session.DeleteAsync("/api/v1/session"));
    }

    [Test]
    public async Task LogStream_WhenUserIsDeactivated_Ends()
    {
        var (client, user, log) = await FollowerAsync();
        using var one = client;
        await EndsAsync(one, log, () => Admin.PatchAsync($"/api/v1/users/{user}", """{"active":false}"""));
    }

    [Test]
    public async Task LogStream_WhenMemberIsRemoved_Ends()
    {
        var (client, user, log) = await FollowerAsync();
        using var one = client;
        var project = (string)(await Admin.GetAsync(log[..^"/log".Length])).Body!["project_id"]!;
        await EndsAsync(one, log, () => Admin.DeleteAsync($"/api/v1/projects/{project}/members/{user}"));
    }

    [Test]
    public async Task EventStream_WhenSessionIsIdleForTooLong_Ends()
    {
        await using var impatient = await TestServer.StartAsync(
            new Dictionary<string, string>(StringComparer.Ordinal) { ["SESSIONS_IDLE_MINUTES"] = "1" }
        );
        await impatient.Client.CreateUserAsync("idler", $$""","platform_role":"admin","password":"{{Password}}" """);
        using var nobody = impatient.Client.With(token: null);
        using var session = nobody.In(await nobody.SignInAsync("idler", Password));
        using var stream = await OpenAsync(session, "/api/v1/events");
        await impatient.ScalarAsync<int>("update sessions set last_seen_at = last_seen_at - interval '59 seconds'");
        await impatient.Client.CreateProjectAsync();
        Assert.That(
            (await RestAsync(stream, TimeSpan.FromSeconds(5))).Ended,
            Is.True,
            "the stream continues although its session was idle for too long"
        );
        Assert.That((int)(await session.GetAsync("/api/v1/projects")).Status, Is.EqualTo(401));
    }

    // A member of a project with a container whose provisioning lasts until the server stops.
    private async Task<(WombatClient Client, string User, string Log)> FollowerAsync()
    {
        var project = await Admin.CreateProjectAsync();
        var (client, user) = await Admin.CreateMemberAsync(project, "viewer");
        var (_, job) = await Admin.CreateContainerAsync(project);
        await Admin.WaitAsync(job, "status", TimeSpan.FromSeconds(10), "running");
        return (client, user, $"{job}/log");
    }

    /// <param name="staysOpen">The stream continues without the events that the caller may no longer see.</param>
    private async Task EndsAsync(WombatClient reader, string path, Func<Task<Answer>> takeAway, bool staysOpen = false)
    {
        using var stream = await OpenAsync(reader, path);
        await Admin.CreateProjectAsync();
        Assert.That(await HearsAsync(stream), Is.True, "the stream sent nothing while it was allowed");
        var taken = await takeAway();
        Assert.That((int)taken.Status, Is.LessThan(300), taken.ToString());
        var reading = RestAsync(stream, Bound + TimeSpan.FromSeconds(3));

        // The permission may last that long; what is created afterwards must not be sent.
        var isOpen = await Task.WhenAny(reading, Task.Delay(Bound)) != reading;
        var secret = isOpen ? await Admin.CreateProjectAsync() : null;
        var rest = await reading;
        Assert.That(secret is not null && rest.Text.Contains(secret, StringComparison.Ordinal), Is.False, rest.Text);
        Assert.That(rest.Ended, Is.EqualTo(!staysOpen));
    }

    private static async Task<StreamReader> OpenAsync(WombatClient client, string path)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path)
        {
            Headers = { Accept = { new MediaTypeWithQualityHeaderValue("text/event-stream") } },
        };
        var response = (await client.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead)).EnsureSuccessStatusCode();
        return new StreamReader(await response.Content.ReadAsStreamAsync());
    }

    private static async Task<bool> HearsAsync(StreamReader stream)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (await stream.ReadLineAsync(limit.Token) is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    private static async Task<(string Text, bool Ended)> RestAsync(StreamReader stream, TimeSpan atMost)
    {
        using var limit = new CancellationTokenSource(atMost);
        var text = "";
        try
        {
            while (await stream.ReadLineAsync(limit.Token) is { } line)
            {
                text += line + "\n";
            }
        }
        catch (OperationCanceledException)
        {
            return (text, false);
        }
        catch (IOException)
        {
            // The server has closed the connection.
        }

        return (text, true);
    }
}
