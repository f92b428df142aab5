using Wombat.Application.Common;
using Wombat.Application.Jobs;

namespace Wombat.Api.Live;

/// <summary>The logs that are followed in this process.</summary>
internal sealed class JobLogFeed(IJobLogReader logs, INotificationBus notifications)
{
    private readonly Dictionary<Guid, SharedLog> followed = [];

    /// <summary>Returns the log of a job. The follower must call <see cref="Leave"/> at its end.</summary>
    public SharedLog Follow(Guid jobId)
    {
        lock (followed)
        {
            if (!followed.TryGetValue(jobId, out var log))
            {
                followed[jobId] = log = new SharedLog(jobId, logs, notifications);
            }

            log.Followers++;
            return log;
        }
    }

    public void Leave(Guid jobId, SharedLog log)
    {
        lock (followed)
        {
            if (--log.Followers == 0)
            {
                followed.Remove(jobId);
                log.Abandon();
            }
        }
    }
}
