using Wombat.Domain.Access;
using Wombat.Domain.Common;
using Wombat.Domain.Jobs;

namespace Wombat.Domain.Tests.Jobs;

public sealed class JobTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    [Test]
    public void Cancel_WhileQueued_EndsTheJob()
    {
        var job = Job.Create("k", new Actor("ann"), Now);
        Assert.That(job.Cancel("bob", Now), Is.True);
        Assert.That((job.State, job.FinishedAt, job.Error!.Code), Is.EqualTo((JobState.Cancelled, (DateTimeOffset?)Now, "cancelled")));
        Assert.That(() => job.Cancel("bob", Now), Throws.TypeOf<ConflictException>().With.Property("Code").EqualTo("job_ended"));
    }

    [Test]
    public void Retry_WhenCancelled_QueuesTheJobWithNewAttempts()
    {
        var job = Job.Create("k", new Actor("ann"), Now);
        job.Cancel("bob", Now);
        job.Retry(new Actor("carl"), 5, Now.AddMinutes(1));
        Assert.That(
            (job.State, job.MaxAttempts, job.Error, job.CancelRequested, job.RequestedBy),
            Is.EqualTo((JobState.Queued, 5, (JobError?)null, false, "carl"))
        );
    }

    [Test]
    public void Retry_WhenQueued_IsAConflict() =>
        Assert.That(() => Job.Create("k", new Actor("ann"), Now).Retry(new Actor("ann"), 5, Now), Throws.TypeOf<ConflictException>());

    [TestCase(JobState.WaitingRetry, "waiting for its next attempt")]
    [TestCase(JobState.Succeeded, "succeeded")]
    public void Retry_WhenNotFailed_NamesTheState(JobState state, string words)
    {
        var job = Job.Create("k", new Actor("ann"), Now);
        typeof(Job).GetProperty(nameof(Job.State))!.SetValue(job, state);
        Assert.That(() => job.Retry(new Actor("ann"), 5, Now), Throws.TypeOf<ConflictException>().With.Message.Contains(words));
    }

    [Test]
    public void Retryable_ForEveryFailure_IsTrueForUnavailableOnly()
    {
        var retried = Enum.GetValues<ExternalFailure>().Where(f => new ExternalSystemException(f, "x").IsRetryable);
        Assert.That(retried, Is.EqualTo(new[] { ExternalFailure.Unavailable }));
    }
}
