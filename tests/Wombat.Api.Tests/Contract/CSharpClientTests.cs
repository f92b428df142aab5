using Wombat.Api.Tests.Contract.Generated;

namespace Wombat.Api.Tests.Contract;

/// <summary>A C# client that NSwag generates from the committed document, against a real server.</summary>
public sealed class CSharpClientTests : ClientTestBase
{
    private WombatApiClient client = null!;

    [OneTimeSetUp]
    public void CreateClient() => client = new WombatApiClient(Server.Client.Http);

    [Test]
    public async Task Project_FromCreateToDelete_Works()
    {
        var made = await ProjectAsync();
        var found = await client.ListProjectsAsync(unix_name: made.Unix_name);
        Assert.That(found.Items.Select(p => p.Id), Is.EqualTo(new[] { made.Id }));
        var changed = await client.PatchProjectAsync(
            made.Id,
            new PatchProjectBody
            {
                Description = "Changed.",
                Name = made.Name,
                Tags = ["a"],
            }
        );
        Assert.That(
            (changed.Version, changed.Description, changed.Created_at),
            Is.EqualTo((made.Version + 1, "Changed.", made.Created_at))
        );
        var deleted = await client.DeleteProjectAsync(made.Id);
        Assert.That((await EndAsync(deleted.Job_id)).Status, Is.EqualTo(JobState.Succeeded));
        Assert.That((await FailureAsync(() => client.GetProjectAsync(made.Id))).StatusCode, Is.EqualTo(404));
    }

    [Test]
    public async Task Container_FromPlanToDelete_Works()
    {
        var project = await ProjectAsync();
        var plan = await client.PlanContainerAsync(project.Id, new CreateContainerBody { Template = "lines", Name = "web" });
        Assert.That((plan.Possible, plan.Would_create.Name), Is.EqualTo((true, "web")));
        var accepted = await client.CreateContainerAsync(project.Id, new CreateContainerBody { Template = "lines", Name = "web" });
        Assert.That((await EndAsync(accepted.Job_id)).Status, Is.EqualTo(JobState.Succeeded));
        Assert.That((await client.GetContainerAsync(project.Id, accepted.Id)).Status, Is.EqualTo(ResourceStatus.Running));
        var log = await client.GetJobLogAsync(accepted.Job_id, 0, 1000);
        Assert.That(log.Items.Select(l => l.Number), Is.EqualTo(Enumerable.Range(1, log.Items.Count).Select(i => (long)i)));
        Assert.That(
            (await EndAsync((await client.DeleteContainerAsync(project.Id, accepted.Id)).Job_id)).Status,
            Is.EqualTo(JobState.Succeeded)
        );
    }

    [Test]
    public async Task Jobs_WhenFilteredBySeveralStates_AreFoundAndRetried()
    {
        var project = await ProjectAsync();
        var job = await EndAsync((await client.CreateContainerAsync(project.Id, new CreateContainerBody { Template = "full" })).Job_id);
        Assert.That(
            (job.Status, job.Error?.Message),
            Is.EqualTo(
                (JobState.Failed, "no room for " + (await client.ListProjectContainersAsync(project.Id)).Items.Single().External_name)
            )
        );
        var jobs = await client.ListJobsAsync(project_id: project.Id, status: [JobState.Failed, JobState.Cancelled]);
        Assert.That(jobs.Items.Select(j => j.Id), Is.EqualTo(new[] { job.Id }));
        Assert.That((await client.RetryJobAsync(job.Id)).Job_id, Is.EqualTo(job.Id));
        await EndAsync(job.Id);
    }

    [Test]
    public async Task List_WithCursor_ReturnsTheNextPage()
    {
        var prefix = Unique();
        for (var i = 0; i < 3; i++)
        {
            await ProjectAsync($"{prefix}-{i}");
        }

        var first = await client.ListProjectsAsync(limit: 2, sort: "unix_name", include_total: true, q: prefix);
        var last = await client.ListProjectsAsync(limit: 2, cursor: first.Next_cursor, sort: "unix_name", q: prefix);
        Assert.That(
            first.Items.Concat(last.Items).Select(p => p.Unix_name),
            Is.EqualTo(new[] { $"{prefix}-0", $"{prefix}-1", $"{prefix}-2" })
        );
        Assert.That((first.Total, last.Next_cursor), Is.EqualTo((3L, (string?)null)));
    }

    [Test]
    public async Task Create_WhenInvalid_ThrowsTheProblem()
    {
        var failure = await FailureAsync(() => client.CreateProjectAsync(new CreateProjectBody { Name = "x", Unix_name = "Bad Name" }));
        Assert.That((failure.StatusCode, failure.Result.Code), Is.EqualTo((400, ErrorCode.Validation_failed)));
        Assert.That(failure.Result.Errors!.Keys, Is.EquivalentTo(new[] { "name", "unix_name" }));
    }

    [Test]
    public async Task Create_WhenIdempotencyKeyIsRepeated_ReturnsTheSameAnswer()
    {
        var (key, name) = (Guid.NewGuid().ToString(), Unique());
        var first = await client.CreateProjectAsync(new CreateProjectBody { Name = "Once", Unix_name = name }, key);
        Assert.That(
            (await client.CreateProjectAsync(new CreateProjectBody { Name = "Once", Unix_name = name }, key)).Id,
            Is.EqualTo(first.Id)
        );
        var other = await FailureAsync(() => client.CreateProjectAsync(new CreateProjectBody { Name = "Twice", Unix_name = name }, key));
        Assert.That((other.StatusCode, other.Result.Code), Is.EqualTo((422, ErrorCode.Idempotency_key_reused)));
    }

    private static string Unique() => $"cs-{Guid.NewGuid():N}"[..12] + "x";

    // Fields that are null in the generated classes are sent as null and get their default.
    private Task<ProjectDto> ProjectAsync(string? name = null) =>
        client.CreateProjectAsync(new CreateProjectBody { Name = "Of the C# client", Unix_name = name ?? Unique() });

    private async Task<JobDto> EndAsync(Guid id)
    {
        while (true)
        {
            var job = await client.GetJobAsync(id, "30s");
            if (job.Finished_at is not null)
            {
                return job;
            }
        }
    }

    private static async Task<ApiException<ProblemDetails>> FailureAsync<T>(Func<Task<T>> call)
    {
        try
        {
            await call();
        }
        catch (ApiException<ProblemDetails> e)
        {
            return e;
        }

        throw new AssertionException("It succeeded.");
    }
}
