namespace Wombat.Application.Common;

/// <summary>Remembers one pending wake.</summary>
public interface INotificationSubscription : IDisposable
{
    /// <summary>Wakes this waiter alone.</summary>
    void Wake();

    /// <summary>Completes when a signal came since the last wait, or after <paramref name="atMost"/>.</summary>
    Task WaitAsync(TimeSpan atMost, CancellationToken cancel);
}
