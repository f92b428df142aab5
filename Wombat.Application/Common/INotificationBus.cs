namespace Wombat.Application.Common;

/// <summary>
/// Wakes readers here and in other replicas after a commit. Only wakes: the tables are the truth, and every reader
/// also polls slowly, so a lost signal costs time, never data.
/// </summary>
public interface INotificationBus
{
    /// <summary>Wakes this process's waiters of <paramref name="topic"/> at once and other replicas' soon. Never blocks or throws.</summary>
    void Publish(string topic);

    /// <summary>Opens a subscription; take it before reading the table, so that no signal falls between.</summary>
    INotificationSubscription Subscribe(string topic);
}

/// <summary>Remembers one pending wake.</summary>
public interface INotificationSubscription : IDisposable
{
    /// <summary>Wakes this waiter alone.</summary>
    void Wake();

    /// <summary>Completes when a signal came since the last wait, or after <paramref name="atMost"/>.</summary>
    Task WaitAsync(TimeSpan atMost, CancellationToken cancel);
}

/// <summary>The topics. Short words: they travel as NOTIFY payloads.</summary>
public static class Topics
{
    /// <summary>A job can be claimed.</summary>
    public const string Jobs = "jobs";

    /// <summary>A running job is to be cancelled.</summary>
    public const string Cancel = "cancel";

    /// <summary>Events were committed and wait for their positions.</summary>
    public const string Events = "events";

    /// <summary>Someone's rights changed.</summary>
    public const string Access = "access";

    /// <summary>Positions were given.</summary>
    public const string Positions = "positions";

    /// <summary>A job's log grew or the job ended.</summary>
    public static string Log(Guid jobId) => "log:" + jobId.ToString("N");
}
