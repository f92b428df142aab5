using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Wombat.TestSupport;

/// <summary>An HTTP client of Wombat.</summary>
public sealed class WombatClient : IDisposable
{
    /// <param name="token">Null for a client without a credential.</param>
    public WombatClient(int port, string? token)
    {
        Address = new Uri($"http://127.0.0.1:{port}");
        Http = new HttpClient(
            new SocketsHttpHandler
            {
                MaxConnectionsPerServer = 256,
                UseCookies = false,
                AllowAutoRedirect = false,
            }
        )
        {
            BaseAddress = Address,
            Timeout = TimeSpan.FromSeconds(120),
        };
        if (token is not null)
        {
            Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
    }

    public Uri Address { get; }

    public HttpClient Http { get; }

    public static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");

    public async Task<Answer> SendAsync(HttpMethod method, string path, string? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : Json(body) };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await Http.SendAsync(request);
        return await Answer.OfAsync(response);
    }

    public Task<Answer> GetAsync(string path, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Get, path, null, headers);

    public Task<Answer> PostAsync(string path, string body = "", params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Post, path, body.Length == 0 ? null : body, headers);

    public Task<Answer> PutAsync(string path, string body, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Put, path, body, headers);

    public Task<Answer> PatchAsync(string path, string body, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Patch, path, body, headers);

    public Task<Answer> DeleteAsync(string path, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Delete, path, null, headers);

    /// <summary>A client of the same server with another token, or without one.</summary>
    public WombatClient With(string? token) => new(Address.Port, token);

    /// <summary>A client of the same server with the session that the answer has opened.</summary>
    public WombatClient In(Answer opened)
    {
        var client = With(token: null);
        client.Http.DefaultRequestHeaders.Add("Cookie", opened.Cookie("wombat_session"));
        client.Http.DefaultRequestHeaders.Add("X-CSRF-Token", (string)opened.Body!["csrf_token"]!);
        return client;
    }

    /// <summary>Signs in as a browser does.</summary>
    public Task<Answer> SignInAsync(string login, string password) =>
        PostAsync("/api/v1/session", new JsonObject { ["login"] = login, ["password"] = password }.ToJsonString());

    /// <summary>Creates a user and returns the id.</summary>
    public async Task<string> CreateUserAsync(string? login = null, string more = "")
    {
        login ??= $"u-{Guid.NewGuid():N}"[..16];
        var answer = await PostAsync("/api/v1/users", $$"""{"login":"{{login}}"{{more}}}""");
        return answer.Status == HttpStatusCode.Created
            ? (string)answer.Body!["id"]!
            : throw new InvalidOperationException($"No user: {answer}");
    }

    /// <summary>Creates a token of a user and returns its secret and id.</summary>
    public async Task<(string Secret, string Id)> CreateTokenAsync(string user, string scope = "manage", string more = "")
    {
        var answer = await PostAsync($"/api/v1/users/{user}/tokens", $$"""{"name":"t","scopes":["{{scope}}"]{{more}}}""");
        return answer.Status == HttpStatusCode.Created
            ? ((string)answer.Body!["token"]!, (string)answer.Body["id"]!)
            : throw new InvalidOperationException($"No token: {answer}");
    }

    /// <summary>Creates a user, with a role in a project or without one, and returns a client that acts as the user.</summary>
    public async Task<(WombatClient Client, string User)> CreateMemberAsync(string? project = null, string? role = null)
    {
        var user = await CreateUserAsync();
        if (project is not null)
        {
            var added = await PostAsync($"/api/v1/projects/{project}/members", $$"""{"user_id":"{{user}}","role":"{{role}}"}""");
            if (added.Status != HttpStatusCode.Created)
            {
                throw new InvalidOperationException($"No member: {added}");
            }
        }

        return (With((await CreateTokenAsync(user)).Secret), user);
    }

    /// <summary>Creates a project with a unique unix_name and returns its id.</summary>
    public async Task<string> CreateProjectAsync(string? unixName = null)
    {
        unixName ??= $"p-{Guid.NewGuid():N}"[..14] + "x";
        var answer = await PostAsync("/api/v1/projects", $$"""{"name":"Project {{unixName}}","unix_name":"{{unixName}}"}""");
        return answer.Status == HttpStatusCode.Created
            ? (string)answer.Body!["id"]!
            : throw new InvalidOperationException($"No project: {answer}");
    }

    /// <summary>Requests a container and returns its path and that of its job.</summary>
    public async Task<(string Container, string Job)> CreateContainerAsync(string project, string template = "busybox", string more = "")
    {
        var answer = await PostAsync($"/api/v1/projects/{project}/containers", $$"""{"template":"{{template}}"{{more}}}""");
        return answer.Status == HttpStatusCode.Accepted
            ? ($"/api/v1/projects/{project}/containers/{answer.Body!["id"]}", answer.Location!)
            : throw new InvalidOperationException($"No container: {answer}");
    }

    /// <summary>Creates a database and waits until it is ready; returns its path.</summary>
    public async Task<string> CreateDatabaseAsync(string project, string name, string tier = "dev")
    {
        var answer = await PostAsync($"/api/v1/projects/{project}/databases", $$"""{"name":"{{name}}","tier":"{{tier}}"}""");
        var job = answer.Location is { } location ? await WaitForJobAsync(location, seconds: 120) : null;
        return (string?)job?["status"] == "succeeded"
            ? $"/api/v1/databases/{answer.Body!["id"]}"
            : throw new InvalidOperationException($"No database: {answer} {job}");
    }

    /// <summary>Reveals the credentials of a database and returns the connection string.</summary>
    /// <param name="user">Null for the database's own user.</param>
    public async Task<string> RevealAsync(string database, string? user = null)
    {
        var answer = await PostAsync($"{database}/credentials/reveal", user is null ? "{}" : $$"""{"user":"{{user}}"}""");
        return answer.Status == HttpStatusCode.OK
            ? LocalDatabases.ConnectionString(answer.Body!)
            : throw new InvalidOperationException($"No credentials: {answer}");
    }

    /// <summary>Waits until a field of a resource has one of the values; returns the resource.</summary>
    public async Task<JsonNode> WaitAsync(string path, string field, TimeSpan atMost, params string[] values)
    {
        var answer = await Eventually.GetAsync(
            () => TryGetAsync(path),
            a => a?.Status == HttpStatusCode.OK && values.Contains((string?)a.Body![field], StringComparer.Ordinal),
            $"{path} has {field} = {string.Join(" or ", values)}",
            atMost
        );
        return answer!.Body!;
    }

    public Task<JsonNode> WaitForJobAsync(string job, double seconds = 30) =>
        WaitAsync(job, "status", TimeSpan.FromSeconds(seconds), "succeeded", "failed", "cancelled", "interrupted");

    public void Dispose() => Http.Dispose();

    // Null while the server starts or stops.
    private async Task<Answer?> TryGetAsync(string path)
    {
        try
        {
            return await GetAsync(path);
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }
}
