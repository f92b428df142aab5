using System.Net;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Tokens;

/// <summary>A token that was created with another token expires no later.</summary>
public sealed class TokenLifetimeTests
{
    private TestServer server = null!;

    private WombatClient Admin => server.Client;

    [OneTimeSetUp]
    public async Task Start() => server = await TestServer.StartAsync();

    [OneTimeTearDown]
    public Task Stop() => server.DisposeAsync().AsTask();

    [Test]
    public async Task CreateToken_WhenCreatorTokenExpires_ExpiresNoLater()
    {
        var user = await Admin.CreateUserAsync();
        var end = TimeProvider.System.GetUtcNow().AddHours(1);
        using var maker = Admin.With((await Admin.CreateTokenAsync(user, more: $$""","expires_at":"{{end:O}}" """)).Secret);
        var child = await maker.PostAsync($"/api/v1/users/{user}/tokens", """{"name":"child","scopes":["manage"]}""");
        Assert.That(
            DateTimeOffset.Parse((string)child.Body!["expires_at"]!),
            Is.EqualTo(end).Within(TimeSpan.FromMilliseconds(1)),
            child.ToString()
        );
        var longer = await maker.PostAsync(
            $"/api/v1/users/{user}/tokens",
            $$"""{"name":"longer","scopes":["manage"],"expires_at":"{{end.AddSeconds(1):O}}"}"""
        );
        Assert.That(
            (longer.Status, longer.ErrorFields.SingleOrDefault()),
            Is.EqualTo((HttpStatusCode.BadRequest, "expires_at")),
            longer.ToString()
        );
        var shorter = await maker.PostAsync(
            $"/api/v1/users/{user}/tokens",
            $$"""{"name":"shorter","scopes":["manage"],"expires_at":"{{end.AddSeconds(-1):O}}"}"""
        );
        Assert.That(shorter.Status, Is.EqualTo(HttpStatusCode.Created));
    }

    [Test]
    public async Task RevokeToken_WhenItCreatedOthers_RevokesThemToo()
    {
        var project = await Admin.CreateProjectAsync();
        var (_, user) = await Admin.CreateMemberAsync(project, "project_manager");
        var (secret, id) = await Admin.CreateTokenAsync(user);
        using var first = Admin.With(secret);
        using var second = Admin.With((await first.CreateTokenAsync(user)).Secret);
        using var third = Admin.With(
            (string)(await second.PostAsync($"/api/v1/projects/{project}/tokens", """{"name":"ci","scopes":["manage"]}""")).Body!["token"]!
        );
        Assert.That((await third.GetAsync($"/api/v1/projects/{project}")).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await Admin.DeleteAsync($"/api/v1/users/{user}/tokens/{id}")).Status, Is.EqualTo(HttpStatusCode.NoContent));
        foreach (var client in new[] { first, second, third })
        {
            Assert.That((await client.GetAsync($"/api/v1/projects/{project}")).Status, Is.EqualTo(HttpStatusCode.Unauthorized));
        }

        Assert.That(
            await server.ScalarAsync<long>(
                $"select count(*) from events where action = 'token.revoked' and target_id in ('{user}', '{project}')"
            ),
            Is.EqualTo(3),
            "each revocation is an event"
        );
    }

    [Test]
    public async Task CreateToken_WhenCreatorTokenIsRevokedConcurrently_IsRevokedToo()
    {
        for (var round = 0; round < 5; round++)
        {
            var user = await Admin.CreateUserAsync();
            var (secret, id) = await Admin.CreateTokenAsync(user);
            using var maker = Admin.With(secret);
            var made = Enumerable
                .Range(0, 8)
                .Select(_ => maker.PostAsync($"/api/v1/users/{user}/tokens", """{"name":"late","scopes":["manage"]}"""))
                .ToList();
            var revoked = await Admin.DeleteAsync($"/api/v1/users/{user}/tokens/{id}");
            await Task.WhenAll(made);
            Assert.That(revoked.Status, Is.EqualTo(HttpStatusCode.NoContent));
            Assert.That(
                await server.ScalarAsync<long>($"select count(*) from access_tokens where user_id = '{user}' and revoked_at is null"),
                Is.Zero
            );
        }
    }

    [TestCase("", HttpStatusCode.Unauthorized)]
    [TestCase("?keep_tokens=true", HttpStatusCode.OK)]
    public async Task RemoveMember_WhenMemberCreatedProjectTokens_RevokesThemUnlessKept(string query, HttpStatusCode expected)
    {
        var project = await Admin.CreateProjectAsync();
        await Admin.CreateMemberAsync(project, "project_manager");
        var user = await Admin.CreateUserAsync(more: ""","password":"a password that is long" """);
        await Admin.PostAsync($"/api/v1/projects/{project}/members", $$"""{"user_id":"{{user}}","role":"project_manager"}""");
        var login = await server.ScalarAsync<string>($"select login from users where id = '{user}'");
        using var session = Admin.In(await Admin.SignInAsync(login!, "a password that is long"));
        var made = await session.PostAsync($"/api/v1/projects/{project}/tokens", """{"name":"ci","scopes":["manage"]}""");
        Assert.That((string)made.Body!["created_by_id"]!, Is.EqualTo(user), made.ToString());
        using var ci = Admin.With((string)made.Body!["token"]!);
        Assert.That(
            (await Admin.DeleteAsync($"/api/v1/projects/{project}/members/{user}{query}")).Status,
            Is.EqualTo(HttpStatusCode.NoContent)
        );
        Assert.That((await ci.GetAsync($"/api/v1/projects/{project}")).Status, Is.EqualTo(expected));
    }

    [Test]
    public async Task RevokedSessionsAndTokens_WhateverTheCause_AreAnEventEach()
    {
        var project = await Admin.CreateProjectAsync();
        var user = await Admin.CreateUserAsync(more: ""","password":"a password that is long" """);
        var login = await server.ScalarAsync<string>($"select login from users where id = '{user}'");
        await Admin.PostAsync($"/api/v1/projects/{project}/members", $$"""{"user_id":"{{user}}","role":"developer"}""");
        await Admin.PostAsync($"/api/v1/projects/{project}/tokens", """{"name":"ci","scopes":["read"]}""");
        await Admin.SignInAsync(login!, "a password that is long");
        await Admin.PutAsync($"/api/v1/users/{user}/password", """{"new_password":"another password, as long"}""");
        Assert.That(
            await server.ScalarAsync<long>(
                $"select count(*) from events where action = 'session.ended' and target_id = '{user}' "
                    + "and before->>'method' = 'the password was changed'"
            ),
            Is.EqualTo(1)
        );

        await Admin.SignInAsync(login!, "another password, as long");
        await Admin.CreateTokenAsync(user);
        await Admin.PatchAsync($"/api/v1/users/{user}", """{"active":false}""");
        Assert.That(
            await server.ScalarAsync<long>(
                $"select count(*) from events where action = 'session.ended' and target_id = '{user}' "
                    + "and before->>'method' = 'the account was deactivated'"
            ),
            Is.EqualTo(1)
        );
        Assert.That(
            await server.ScalarAsync<long>($"select count(*) from events where action = 'token.revoked' and target_id = '{user}'"),
            Is.EqualTo(1)
        );

        await Admin.WaitForJobAsync((await Admin.DeleteAsync($"/api/v1/projects/{project}")).Location!);
        Assert.That(
            await server.ScalarAsync<string>(
                "select concat_ws(' ', after->'members'->0->>'login', after->'revoked_tokens'->0->>'name') from events "
                    + $"where action = 'project.deleted' and target_id = '{project}'"
            ),
            Is.EqualTo($"{login} ci")
        );
    }
}
