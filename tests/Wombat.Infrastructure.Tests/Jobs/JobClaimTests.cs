using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Wombat.Domain.Access;
using Wombat.Domain.Jobs;
using Wombat.Domain.Resources;
using Wombat.Infrastructure.Jobs;

namespace Wombat.Infrastructure.Tests.Jobs;

/// <summary>The jobs that a claim takes: order, fairness, one job of a resource at a time, on a real PostgreSQL.</summary>
public sealed class JobClaimTests : JobTestBase
{
    [Test]
    public async Task Claim_WhenSeveralProjectsHaveJobs_AlternatesBetweenThem()
    {
        var (big, small, tiny) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        await AddAsync(Enumerable.Range(0, 500).Select(_ => New(big)));
        await AddAsync([New(small), New(small), New(tiny), New(null)]);
        var claim = await Claims.ClaimAsync(Worker, Lease, 8, Guid.Empty, SlotBounds.None, default);
        var claimed = claim.Jobs;

        // Four projects share eight slots: two each, if they have two jobs.
        Assert.That((claimed.Count, claim.MayHaveMore), Is.EqualTo((6, true)));
        Assert.That(
            claimed.Take(4).Select(j => j.ProjectId),
            Is.EquivalentTo(new Guid?[] { big, small, tiny, null }),
            "the first job of each project precedes all second jobs"
        );
        Assert.That(claimed.Count(j => j.ProjectId == big), Is.EqualTo(2));

        // The remaining jobs belong to one project, which gets all slots.
        var rest = await Claims.ClaimAsync(Worker, Lease, 8, Guid.Empty, SlotBounds.None, default);
        Assert.That(rest.Jobs.Select(j => j.ProjectId), Is.All.EqualTo(big).And.Exactly(8).Items);
    }

    [Test]
    public async Task Claim_WithManyProjects_ContinuesAfterTheLast()
    {
        await AddAsync(Enumerable.Range(0, 100).SelectMany(_ => Guid.NewGuid() is var p ? new[] { New(p), New(p) } : []));
        var seen = new HashSet<Guid?>();
        var after = Guid.Empty;
        for (var i = 0; i < 4; i++)
        {
            var claim = await Claims.ClaimAsync(Worker, Lease, 32, after, SlotBounds.None, default);
            seen.UnionWith(claim.Jobs.Select(j => j.ProjectId));
            after = claim.After;
        }

        Assert.That(seen, Has.Count.EqualTo(100));
    }

    [Test]
    public async Task Claim_OfASaturatedProject_TakesNothing()
    {
        var (busy, other) = (Guid.NewGuid(), Guid.NewGuid());
        await AddAsync([New(busy), New(busy), New(other)]);
        var claimed = (
            await Claims.ClaimAsync(
                Worker,
                Lease,
                10,
                Guid.Empty,
                new SlotBounds(7, 12, new Dictionary<Guid, int> { [busy] = 7 }, new Dictionary<Guid, int>()),
                default
            )
        ).Jobs;
        Assert.That(claimed.Select(j => j.ProjectId), Is.EqualTo(new Guid?[] { other }));
    }

    [Test]
    public async Task Claim_WhenSlotsAreLimited_GivesNoProjectOrUserMore()
    {
        var (first, second, third, greedy) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), new Actor("greedy", Guid.NewGuid()));
        await AddAsync(Enumerable.Range(0, 30).SelectMany(i => new[] { New(first, at: i), New(second, at: i) }));
        var bounds = SlotBounds.Of(16, []);
        var claimed = (await Claims.ClaimAsync(Worker, Lease, 16, Guid.Empty, bounds, default)).Jobs.ToList();
        Assert.That(
            claimed.GroupBy(j => j.ProjectId).Select(g => g.Count()),
            Is.EqualTo(new[] { 7, 7 }),
            "two projects do not hold all sixteen slots"
        );
        Assert.That((await Claims.ClaimAsync(Worker, Lease, 2, Guid.Empty, SlotBounds.Of(16, claimed), default)).Jobs, Is.Empty);

        await AddAsync(Enumerable.Range(0, 40).Select(i => New(i % 2 == 0 ? third : Guid.NewGuid(), at: i, by: greedy)));
        var ofGreedy = (await Claims.ClaimAsync(Worker, Lease, 16, Guid.Empty, SlotBounds.Of(16, []), default))
            .Jobs.Where(j => j.RequestedBy.Id == greedy.Id)
            .ToList();
        Assert.That(ofGreedy, Has.Count.LessThanOrEqualTo(12), "one user does not hold all slots, with any number of projects");
        await AddAsync([New(third, at: 99)]);
        var rest = (
            await Claims.ClaimAsync(
                Worker,
                Lease,
                16,
                Guid.Empty,
                new SlotBounds(16, 12, new Dictionary<Guid, int>(), new Dictionary<Guid, int> { [greedy.Id!.Value] = 12 }),
                default
            )
        ).Jobs;
        Assert.That(
            rest.Select(j => j.RequestedBy.Name),
            Does.Contain("tester").And.Not.Contain("greedy"),
            "the jobs of a user at the limit do not hide jobs of others"
        );
    }

    [Test]
    public async Task Claim_WhenJobsAreDue_FollowsPriorityThenTime()
    {
        var project = Guid.NewGuid();
        var later = New(project, delay: TimeSpan.FromHours(1));
        var low = New(project, priority: 5);
        var high = New(project, priority: -5);
        var middle = New(project);
        await AddAsync([later, low, high, middle]);
        var claimed = (await Claims.ClaimAsync(Worker, Lease, 10, Guid.Empty, SlotBounds.None, default)).Jobs;
        Assert.That(claimed.Select(j => j.Id), Is.EqualTo(new[] { high.Id, middle.Id, low.Id }));
    }

    [Test]
    public async Task Claim_OfOneResource_TakesItsJobsOneAtATimeInOrder()
    {
        var (project, resource) = (Guid.NewGuid(), Guid.NewGuid());
        var jobs = Enumerable.Range(0, 3).Select(i => New(project, resource, at: i, priority: (short)-i)).ToList();
        await AddAsync(jobs);
        foreach (var expected in jobs)
        {
            var claimed = (await Claims.ClaimAsync(Worker, Lease, 10, Guid.Empty, SlotBounds.None, default)).Jobs;
            Assert.That(claimed.Select(j => j.Id), Is.EqualTo(new[] { expected.Id }));
            Assert.That((await Claims.ClaimAsync(Worker, Lease, 10, Guid.Empty, SlotBounds.None, default)).Jobs, Is.Empty);
            await Store.SucceedAsync(Worker, [expected.Id], default);
        }
    }

    [Test]
    public async Task Claim_OfAnUrgentJob_PrecedesOlderJobsOfItsResource()
    {
        var (project, resource) = (Guid.NewGuid(), Guid.NewGuid());
        var jobs = Enumerable.Range(0, 3).Select(i => New(project, resource, at: i, priority: i == 2 ? Job.Urgent : (short)0)).ToList();
        await AddAsync(jobs);
        foreach (var expected in new[] { jobs[2], jobs[0], jobs[1] })
        {
            var claimed = (await Claims.ClaimAsync(Worker, Lease, 10, Guid.Empty, SlotBounds.None, default)).Jobs;
            Assert.That(claimed.Select(j => j.Id), Is.EqualTo(new[] { expected.Id }));
            await Store.SucceedAsync(Worker, [expected.Id], default);
        }
    }

    [Test]
    public async Task Claim_WhenAnUrgentJobIsNotDue_DoesNotWaitForIt()
    {
        var (project, resource) = (Guid.NewGuid(), Guid.NewGuid());
        var (restart, urgent) = (New(project, resource, at: 0), New(project, resource, at: 1, priority: Job.Urgent));
        await AddAsync([restart, urgent]);
        await ScalarAsync($"update jobs set run_at = now() + interval '1 hour' where id = '{urgent.Id}'");
        Assert.That(
            (await Claims.ClaimAsync(Worker, Lease, 10, Guid.Empty, SlotBounds.None, default)).Jobs.Select(j => j.Id),
            Is.EqualTo(new[] { restart.Id })
        );
    }

    [Test]
    public async Task Claim_ByManyWorkersAtOnce_GivesEachJobToOne()
    {
        await AddAsync(Enumerable.Range(0, 400).Select(i => New(Guid.NewGuid(), i % 4 == 0 ? Guid.NewGuid() : null)));
        var claimed = new ConcurrentBag<Guid>();
        await Task.WhenAll(
            Enumerable
                .Range(0, 8)
                .Select(async _ =>
                {
                    var worker = Guid.NewGuid();
                    await using var own = new JobClaimer(
                        Services.GetRequiredService<NpgsqlDataSource>(),
                        Services.GetRequiredService<HostIdentity>()
                    );
                    while (true)
                    {
                        var jobs = (await own.ClaimAsync(worker, Lease, 10, Guid.Empty, SlotBounds.None, default)).Jobs;
                        foreach (var job in jobs)
                        {
                            claimed.Add(job.Id);
                        }

                        if (jobs.Count == 0 && claimed.Count >= 400)
                        {
                            return;
                        }
                    }
                })
        );
        Assert.That(claimed.Distinct().Count(), Is.EqualTo(400));
        Assert.That(claimed, Has.Count.EqualTo(400));
    }
}
