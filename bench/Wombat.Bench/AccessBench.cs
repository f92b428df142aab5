using System.Text.Json.Nodes;
using Npgsql;
using Wombat.Application.Common;
using Wombat.TestSupport;

namespace Wombat.Bench;

/// <summary>
/// The cost of authentication and access checks: each kind of credential against the first admin token, and lists of members against lists
/// without a check.
/// </summary>
internal static class AccessBench
{
    private const string Password = "seven grey stones roll";

    /// <param name="parts">credentials or lists; both if none is given.</param>
    public static async Task RunAsync(string[] parts)
    {
        await using var bed = await BenchmarkEnvironment.StartAsync();
        var database = await bed.DatabaseAsync("access");
        await BenchmarkEnvironment.SeedAsync(database, 100_000);
        using var keys = new TestKeys("bench");
        await using var provider = await HostileOidcProvider.StartAsync(keys);
        var environment = BenchmarkEnvironment.Environment(database);
        (environment["WOMBAT_AUTH_JWT_ISSUERS"], environment["WOMBAT_AUTH_JWT_AUDIENCES"]) = (provider.Issuer, "wombat");
        var data = Path.Combine(bed.Folder, "access");
        await using var wombat = WombatProcess.Start(data, environment);
        using var admin = await wombat.ReadyAsync(data);
        var url = $"http://127.0.0.1:{wombat.Port}";
        if (parts is [] || parts.Contains("credentials", StringComparer.Ordinal))
        {
            await CredentialsAsync(bed, database, admin, provider, keys, url);
        }

        if (parts is not [] && !parts.Contains("lists", StringComparer.Ordinal))
        {
            return;
        }

        var (bare, port) = await BenchmarkEnvironment.StartBareAsync(database);
        try
        {
            foreach (var count in new[] { 20, 1_000, 50_000 })
            {
                await MembersAsync(bed, database, admin, count, url, $"http://127.0.0.1:{port}");
            }
        }
        finally
        {
            bare.Kill();
        }
    }

    private static async Task CredentialsAsync(
        BenchmarkEnvironment bed,
        string database,
        WombatClient admin,
        HostileOidcProvider provider,
        TestKeys keys,
        string url
    )
    {
        var user = await admin.CreateUserAsync("bench-admin", $$""","platform_role":"admin","password":"{{Password}}" """);
        await admin.PostAsync($"/api/v1/users/{user}/identities", $$"""{"issuer":"{{provider.Issuer}}","subject":"bench"}""");
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var jwt = keys.Sign(
            new JsonObject
            {
                ["iss"] = provider.Issuer,
                ["sub"] = "bench",
                ["aud"] = "wombat",
                ["iat"] = now,
                ["exp"] = now + 3600,
            }
        );
        var cookie = (await admin.SignInAsync("bench-admin", Password)).Cookie("wombat_session");
        var first = ("TOKEN", admin.Http.DefaultRequestHeaders.Authorization!.Parameter!);
        var token = (await admin.CreateTokenAsync(user)).Secret;
        foreach (var (name, credential) in new[] { ("session", ("COOKIE", cookie)), ("token", ("TOKEN", token)), ("jwt", ("TOKEN", jwt)) })
        {
            await Wrk.CompareAsync(
                $"access-get-{name}",
                s => Wrk.RunAsync(bed, database, "get", url, "/api/v1", s, credential),
                s => Wrk.RunAsync(bed, database, "get", url, "/api/v1", s, first),
                name == "session" ? Wrk.WarmUp : 3
            );
        }
    }

    // Private projects only: the public ones, one in a hundred, are visible without a membership.
    private static async Task MembersAsync(
        BenchmarkEnvironment bed,
        string database,
        WombatClient admin,
        int count,
        string url,
        string bareUrl
    )
    {
        var (client, user) = await admin.CreateMemberAsync();
        await BenchmarkEnvironment.ExecuteAsync(
            database,
            $"""
            insert into members (project_id, user_id, role, source, created_at) select id, '{user}', 'developer', 'manual', now()
            from (select id, row_number() over (order by id desc) n from projects where visibility = 'private') p where n % {99_000
                / count} = 0 limit {count};
            vacuum analyze members
            """
        );
        await using var source = NpgsqlDataSource.Create(database);
        await using var middle = source.CreateCommand(
            $"select project_id from members where user_id = '{user}' order by project_id desc offset {Math.Min(count / 2, 20_000)} limit 1"
        );
        var deep = (Guid)(await middle.ExecuteScalarAsync())!;
        var cursor = new Cursor("-created_at", "", deep).Encode();
        var credential = ("TOKEN", client.Http.DefaultRequestHeaders.Authorization!.Parameter!);
        foreach (
            var (name, ours, theirs) in new[]
            {
                ("first", "/projects?limit=20", "/projects?limit=20"),
                ("deep", $"/projects?limit=20&cursor={cursor}", $"/projects?limit=20&before={deep}"),
            }
        )
        {
            await Wrk.CompareAsync(
                $"access-list-of-{count}-{name}",
                s => Wrk.RunAsync(bed, database, "target", url, "/api/v1", s, credential, ("TARGET", ours)),
                s => Wrk.RunAsync(bed, database, "target", bareUrl, "", s, ("TARGET", theirs)),
                4
            );
        }

        client.Dispose();
    }
}
