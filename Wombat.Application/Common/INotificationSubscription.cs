namespace Wombat.Application.Common;

/// <summary>A subscription that remembers one pending notification.</summary>
public interface INotificationSubscription : IDisposable
{
    /// <summary>Wakes only this subscriber.</summary>
    void Wake();

    /// <summary>Completes on a notification since the last wait, or after <paramref name="atMost"/>.</summary>
    Task WaitAsync(TimeSpan atMost, CancellationToken cancel);
}
