using System.Net;
using System.Text.Json.Nodes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Commands;

/// <summary>Runs that a second person has to approve.</summary>
public sealed class ApprovalTests : CommandTestBase
{
    private const string ByManager = ""","approval_by":"project_manager" """;

    [Test]
    public async Task Run_ThatNeedsApproval_StartsWhenASecondPersonHasApprovedIt()
    {
        var (developer, _) = await Client.CreateMemberAsync(Project, "developer");
        var (manager, user) = await Client.CreateMemberAsync(Project, "project_manager");
        var login = await LoginAsync(user);
        var run = await StartAsAsync(developer, await CreateLocalAsync(["echo", "ran"], ByManager));
        var waiting = (await developer.GetAsync(run)).Body!;
        Assert.That(((string)waiting["status"]!, (string)waiting["approval"]!["state"]!), Is.EqualTo(("queued", "waiting")));
        Assert.That(waiting["actions"]!.ToJsonString(), Is.EqualTo("""["cancel"]"""), "the requester decides nothing");
        Assert.That((await manager.GetAsync(run)).Body!["actions"]!.ToJsonString(), Is.EqualTo("""["approve","reject","cancel"]"""));
        var approved = await manager.PostAsync($"{run}/approve");
        Assert.That(approved.Status, Is.EqualTo(HttpStatusCode.OK), approved.ToString());
        var ended = await EndAsync(run);
        Assert.That((string)ended["status"]!, Is.EqualTo("succeeded"), ended.ToJsonString());
        Assert.That(((string)ended["approval"]!["state"]!, (string)ended["approval"]!["decided_by"]!), Is.EqualTo(("approved", login)));
        Assert.That(await OutputAsync(run), Is.EqualTo(new[] { "ran" }));
        Assert.That(await EventsAsync(run), Is.EqualTo(new[] { "run.requested", "run.approved", "run.ended" }));
        Assert.That((await manager.PostAsync($"{run}/approve")).Code, Is.EqualTo("approval_not_pending"));
    }

    [Test]
    public async Task Run_OfItsRequester_IsApprovedByNoCredentialOfThatPerson()
    {
        var (manager, user) = await Client.CreateMemberAsync(Project, "project_manager");
        var command = await CreateLocalAsync(["true"], ""","approval_by":"developer" """);
        var run = await StartAsAsync(manager, command);
        var refused = await manager.PostAsync($"{run}/approve");
        Assert.That((refused.Status, refused.Code), Is.EqualTo((HttpStatusCode.Forbidden, "approval_by_requester")));
        using var second = Client.With((await Client.CreateTokenAsync(user)).Secret);
        Assert.That((await second.PostAsync($"{run}/approve")).Code, Is.EqualTo("approval_by_requester"), "another token of the person");
        Assert.That((await second.PostAsync($"{run}/reject", "{}")).Code, Is.EqualTo("approval_by_requester"));
        Assert.That(
            (await Client.PostAsync($"{run}/approve")).Code,
            Is.EqualTo("approval_by_requester"),
            "the first admin token is no person"
        );
        var project = await manager.PostAsync($"/api/v1/projects/{Project}/tokens", """{"name":"ci","scopes":["manage"]}""");
        using var service = Client.With((string)project.Body!["token"]!);
        Assert.That(
            (await service.PostAsync($"{run}/approve")).Status,
            Is.EqualTo(HttpStatusCode.Forbidden),
            "a token of the project is no person"
        );
        var byService = await StartAsAsync(service, command);
        Assert.That(
            (await manager.PostAsync($"{byService}/approve")).Code,
            Is.EqualTo("approval_by_requester"),
            "the token acts for its creator"
        );
        var made = await service.PostAsync($"/api/v1/projects/{Project}/tokens", """{"name":"made by a token","scopes":["manage"]}""");
        using var child = Client.With((string)made.Body!["token"]!);
        var byChild = await StartAsAsync(child, command);
        Assert.That((await manager.PostAsync($"{byChild}/approve")).Code, Is.EqualTo("approval_by_requester"), "also by way of a token");
        await manager.PostAsync($"{JobOf(run)}/cancel");
        Assert.That((string)(await EndAsync(run))["status"]!, Is.EqualTo("cancelled"), "the requester may give it up");
        var (developer, _) = await Client.CreateMemberAsync(Project, "developer");
        Assert.That((await developer.PostAsync($"{run}/approve")).Code, Is.EqualTo("approval_not_pending"));
    }

    [Test]
    public async Task Run_ThatManagersApprove_IsNotDecidedByADeveloper()
    {
        var (developer, _) = await Client.CreateMemberAsync(Project, "developer");
        var run = await StartAsAsync(Client, await CreateLocalAsync(["true"], ByManager));
        Assert.That((await developer.PostAsync($"{run}/approve")).Status, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That((await developer.PostAsync($"{run}/reject", "{}")).Status, Is.EqualTo(HttpStatusCode.Forbidden));
        var (viewer, _) = await Client.CreateMemberAsync(Project, "viewer");
        Assert.That((await viewer.PostAsync($"{run}/approve")).Status, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That((string)(await Client.GetAsync(run)).Body!["approval"]!["state"]!, Is.EqualTo("waiting"));
    }

    [Test]
    public async Task Run_ThatIsRejected_EndsWithTheReasonAndExecutesNothing()
    {
        var (developer, _) = await Client.CreateMemberAsync(Project, "developer");
        var (manager, user) = await Client.CreateMemberAsync(Project, "project_manager");
        var login = await LoginAsync(user);
        var command = await CreateLocalAsync(["echo", "ran"], ByManager);
        var run = await StartAsAsync(developer, command);
        var listed = (await manager.GetAsync("/api/v1/runs?awaits_approval=true")).Body!["items"]!.AsArray();
        Assert.That(listed.Select(r => (string)r!["id"]!), Does.Contain(run.Split('/')[^1]));
        Assert.That((await developer.GetAsync("/api/v1/runs?awaits_approval=true")).Text, Does.Not.Contain(run.Split('/')[^1]));
        await manager.PostAsync($"{run}/reject", """{"reason":"Not on Fridays"}""");
        var ended = await EndAsync(run);
        Assert.That(
            ((string)ended["status"]!, (string)ended["approval"]!["state"]!, (string)ended["approval"]!["reason"]!),
            Is.EqualTo(("cancelled", "rejected", "Not on Fridays"))
        );
        Assert.That((string)ended["error"]!["message"]!, Does.Contain(login));
        Assert.That(await OutputAsync(run), Is.Empty);
        Assert.That(await EventsAsync(run), Is.EqualTo(new[] { "run.requested", "run.rejected" }));

        // Neither a retry nor a repetition gets around the second person.
        await developer.PostAsync($"{JobOf(run)}/retry");
        Assert.That((string)(await developer.GetAsync(run)).Body!["approval"]!["state"]!, Is.EqualTo("waiting"));
        var again = await developer.PostAsync($"{run}/repeat");
        Assert.That(
            (again.Status, (string?)again.Body?["error"]?["code"]),
            Is.EqualTo((HttpStatusCode.Accepted, (string?)null)),
            again.ToString()
        );
        Assert.That((string)again.Body!["approval"]!["state"]!, Is.EqualTo("waiting"));
        Assert.That((await manager.PostAsync($"{run}/approve")).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((string)(await EndAsync(run))["status"]!, Is.EqualTo("succeeded"));
    }

    [Test]
    public async Task Run_ThatNobodyApproves_IsRejectedByItself()
    {
        var (developer, _) = await Client.CreateMemberAsync(Project, "developer");
        var run = await StartAsAsync(developer, await CreateLocalAsync(["echo", "ran"], $"{ByManager},\"approval_seconds\":1"));
        var ended = await EndAsync(run);
        Assert.That(
            ((string)ended["status"]!, (string)ended["error"]!["code"]!, (string)ended["approval"]!["state"]!),
            Is.EqualTo(("failed", "approval_expired", "expired")),
            ended.ToJsonString()
        );
        Assert.That(await OutputAsync(run), Is.Empty);
        Assert.That(await EventsAsync(run), Is.EqualTo(new[] { "run.requested", "run.approval_expired" }));
    }

    [Test]
    public async Task Repeat_OfARunFromBeforeTheCommandDemandedApproval_WaitsToo()
    {
        var command = await CreateLocalAsync(["true"]);
        var run = await StartAsync(command);
        await EndAsync(run);
        var body = (JsonObject)(await Client.GetAsync(command)).Body!.DeepClone();
        await Client.PutAsync(command, $$"""{"name":"{{body["name"]}}","kind":"local","arguments":["true"]{{ByManager}}}""");
        Assert.That((string)(await Client.PostAsync($"{run}/repeat")).Body!["approval"]!["state"]!, Is.EqualTo("waiting"));
    }

    [Test]
    public async Task Run_ThatCancelsOlderOnes_DoesSoWhenItIsApproved()
    {
        var (manager, _) = await Client.CreateMemberAsync(Project, "project_manager");
        var command = await CreateLocalAsync(["sleep", "1000"], $"{ByManager},\"concurrency\":\"cancel_older\"");
        var older = await StartAsync(command);
        await manager.PostAsync($"{older}/approve");
        await Client.WaitAsync(older, "status", TimeSpan.FromSeconds(30), "running");
        var newer = await StartAsync(command);
        Assert.That((string)(await Client.GetAsync(older)).Body!["status"]!, Is.EqualTo("running"), "an unapproved run cancels nothing");
        await manager.PostAsync($"{newer}/approve");
        Assert.That((string)(await EndAsync(older))["status"]!, Is.EqualTo("cancelled"));
        await Client.PostAsync($"{JobOf(newer)}/cancel");
        await EndAsync(newer);
    }

    [Test]
    public async Task Approve_ByManyAtOnce_IsDoneByOne()
    {
        var managers = new List<WombatClient>();
        for (var i = 0; i < 4; i++)
        {
            managers.Add((await Client.CreateMemberAsync(Project, "project_manager")).Client);
        }

        var run = await StartAsAsync(Client, await CreateLocalAsync(["true"], ByManager));
        var answers = await Task.WhenAll(
            managers.Select((m, i) => m.PostAsync($"{run}/{(i % 2 == 0 ? "approve" : "reject")}", i % 2 == 0 ? "" : "{}"))
        );
        Assert.That(answers.Count(a => a.Status == HttpStatusCode.OK), Is.EqualTo(1));
        Assert.That(answers.Count(a => a.Code == "approval_not_pending"), Is.EqualTo(3));
        Assert.That(await EventsAsync(run), Has.Exactly(1).Matches<string>(e => e is "run.approved" or "run.rejected"));
    }

    private async Task<string> LoginAsync(string user) => (string)(await Client.GetAsync($"/api/v1/users/{user}")).Body!["login"]!;

    private static async Task<string> StartAsAsync(WombatClient client, string command)
    {
        var answer = await client.PostAsync($"{command}/runs", "{}");
        return answer.Status == HttpStatusCode.Accepted
            ? $"/api/v1/runs/{answer.Body!["id"]}"
            : throw new InvalidOperationException($"No run: {answer}");
    }

    private async Task<List<string>> EventsAsync(string run)
    {
        var events = (await Client.GetAsync($"/api/v1/events?target_id={run.Split('/')[^1]}")).Body!["items"]!.AsArray();
        return [.. events.Select(e => (string)e!["action"]!).Where(a => a.StartsWith("run.", StringComparison.Ordinal))];
    }
}
