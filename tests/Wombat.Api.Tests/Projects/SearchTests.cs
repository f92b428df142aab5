using System.Text.Json.Nodes;
using Npgsql;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Projects;

/// <summary>Search finds names in every script and case by an index, also on a server with the locale C.</summary>
public sealed class SearchTests
{
    private TestServer server = null!;

    [OneTimeSetUp]
    public async Task Start() => server = await TestServer.StartAsync();

    [OneTimeTearDown]
    public Task Stop() => server.DisposeAsync().AsTask();

    [TestCase("Проект Альфа", "Проект")]
    [TestCase("Проект Бета", "ПРОЕКТ БЕТА")]
    [TestCase("ÉCOLE Zwölf", "école zwÖLF")]
    [TestCase("Straße Nord", "STRASSE")]
    [TestCase("ΟΔΟΣ Ένα", "οδος έ")]
    [TestCase("İstanbul", "istanbul")]
    [TestCase("東京チーム", "京チー")]
    [TestCase("Cafe\u0301 zwei", "Caf\u00e9")]
    [TestCase("Caf\u00e9 drei", "cafe\u0301 d")]
    [TestCase("100% off_by", "0% OFF_")]
    [TestCase("Ab", "b")]
    public async Task SearchProjects_InEveryScriptAndCase_FindsTheName(string name, string term)
    {
        var unixName = $"s-{Guid.NewGuid():N}"[..14] + "x";
        Assert.That(
            (
                await server.Client.PostAsync(
                    "/api/v1/projects",
                    new JsonObject { ["name"] = $"{name} x", ["unix_name"] = unixName }.ToJsonString()
                )
            ).Status,
            Is.EqualTo(System.Net.HttpStatusCode.Created)
        );
        var found = await server.Client.GetAsync($"/api/v1/projects?unix_name={unixName}&q={Uri.EscapeDataString(term)}");
        Assert.That(found.Body!["items"]!.AsArray().Select(p => (string?)p!["unix_name"]), Does.Contain(unixName), found.ToString());
        var nothing = await server.Client.GetAsync($"/api/v1/projects?q={Uri.EscapeDataString(term + "ж")}");
        Assert.That(nothing.Body!["items"]!.AsArray(), Is.Empty);
    }

    [Test]
    public async Task SearchUsers_InEveryScriptAndCase_FindsTheName()
    {
        await server.Client.PostAsync("/api/v1/users", """{"login":"olga","full_name":"Ольга Ёлкина"}""");
        var found = await server.Client.GetAsync($"/api/v1/users?q={Uri.EscapeDataString("ёЛК")}");
        Assert.That(found.Body!["items"]!.AsArray().Select(u => (string?)u!["login"]), Is.EqualTo(new[] { "olga" }));
    }

    [Test]
    public async Task SearchProjects_ForNonLatinScripts_UsesTheIndex()
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString);
        await connection.OpenAsync();
        await using var explain = new NpgsqlCommand(
            """
            insert into projects (id, name, unix_name, description, active, visibility, tags, created_at, updated_at, version)
            select gen_random_uuid(), 'Project number ' || i, 'many-' || i, '', true, 'private', '{}', now(), now(), 1
                from generate_series(1, 2000) i;
            analyze projects;
            explain select id from projects p where deleted_at is null and search_matches(p.unix_name || ' ' || p.name, 'Проект')
            """,
            connection
        );
        await using var reader = await explain.ExecuteReaderAsync();
        var plan = new List<string>();
        while (await reader.ReadAsync())
        {
            plan.Add(reader.GetString(0));
        }

        Assert.That(string.Join('\n', plan), Does.Contain("Bitmap Index Scan on ix_projects_search").And.Contain("Index Cond"));
    }
}
