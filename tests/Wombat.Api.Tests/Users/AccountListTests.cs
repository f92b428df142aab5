using System.Net;
using System.Text.Json.Nodes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Users;

/// <summary>Lists of what belongs to one user or project: pages, both orders, counts.</summary>
public sealed class AccountListTests
{
    private const int Count = 5;
    private const string Password = "violet-Rain-81-lists";

    private TestServer server = null!;
    private string user = null!;
    private string project = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        server = await TestServer.StartAsync();
        user = await server.Client.CreateUserAsync("lister", $$""","password":"{{Password}}" """);
        project = await server.Client.CreateProjectAsync("listed");
        using var nobody = server.Client.With(token: null);
        for (var i = 0; i < Count; i++)
        {
            await server.Client.CreateTokenAsync(user);
            await AddAsync($"projects/{project}/tokens", """{"name":"t","scopes":["read"]}""");
            await AddAsync($"users/{user}/ssh-keys", $$"""{"name":"key {{i}}","public_key":"{{NewKey()}}"}""");
            await AddAsync($"users/{user}/identities", $$"""{"issuer":"https://id{{i / 2}}.example.org","subject":"s{{i}}"}""");
            Assert.That((await nobody.SignInAsync("lister", Password)).Status, Is.EqualTo(HttpStatusCode.Created));
        }
    }

    [OneTimeTearDown]
    public async Task Stop() => await server.DisposeAsync();

    [TestCase("users/{user}/tokens", "created_at", "created_at", "id")]
    [TestCase("projects/{project}/tokens", "created_at", "created_at", "id")]
    [TestCase("users/{user}/ssh-keys", "created_at", "created_at", "id")]
    [TestCase("users/{user}/sessions", "-created_at", "created_at", "id")]
    [TestCase("users/{user}/identities", "issuer", "issuer", "subject")]
    public async Task List_WhenReadPageByPage_ReturnsEachEntryOnceInBothOrders(string path, string usual, string sort, string id)
    {
        var list =
            $"/api/v1/{path.Replace("{user}", user, StringComparison.Ordinal).Replace("{project}", project, StringComparison.Ordinal)}";
        var (up, down) = (await WalkAsync($"{list}?limit=2&sort={sort}", id), await WalkAsync($"{list}?limit=2&sort=-{sort}", id));
        Assert.That(up, Is.Unique.And.Count.EqualTo(Count));
        Assert.That(down, Is.EqualTo(up.AsEnumerable().Reverse()));

        var whole = (await server.Client.GetAsync($"{list}?include_total=true")).Body!;
        Assert.That(whole["items"]!.AsArray().Select(i => (string)i![id]!), Is.EqualTo(usual[0] == '-' ? down : up), "the default order");
        Assert.That(((int)whole["total"]!, whole["next_cursor"]), Is.EqualTo((Count, (JsonNode?)null)));
        Assert.That((await server.Client.GetAsync($"{list}?sort=nothing")).Status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That((await server.Client.GetAsync($"{list}?limit=201")).Status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(
            (
                await server.Client.GetAsync(
                    list.Replace(user, Guid.Empty.ToString(), StringComparison.Ordinal)
                        .Replace(project, Guid.Empty.ToString(), StringComparison.Ordinal)
                )
            ).Status,
            Is.EqualTo(HttpStatusCode.NotFound)
        );
    }

    private async Task<List<string>> WalkAsync(string list, string id)
    {
        var (all, cursor) = (new List<string>(), (string?)null);
        do
        {
            var page = (await server.Client.GetAsync(cursor is null ? list : $"{list}&cursor={cursor}")).Body!;
            all.AddRange(page["items"]!.AsArray().Select(i => (string)i![id]!));
            cursor = (string?)page["next_cursor"];
        } while (cursor is not null && all.Count <= Count);

        return all;
    }

    private async Task AddAsync(string path, string body) =>
        Assert.That((await server.Client.PostAsync($"/api/v1/{path}", body)).Status, Is.EqualTo(HttpStatusCode.Created), path);

    private static string NewKey() => SshTestKey.Line(Guid.NewGuid().ToString(), "listed");
}
