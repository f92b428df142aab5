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
