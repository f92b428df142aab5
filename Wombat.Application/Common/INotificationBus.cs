namespace Wombat.Application.Common;

/// <summary>
/// Wakes readers on this and other replicas after a commit. Notifications carry no data: readers read the tables and also poll
/// slowly, so that a lost notification costs time only.
/// </summary>
public interface INotificationBus
{
    /// <summary>
    /// Wakes the waiters of <paramref name="topic"/> in this process at once, those of other replicas soon. Never blocks or throws.
    /// </summary>
    void Publish(string topic);

    /// <summary>Opens a subscription. Open it before reading the table, so that no notification is missed.</summary>
    INotificationSubscription Subscribe(string topic);
}
