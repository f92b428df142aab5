using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Wombat.Application.Common;
using Wombat.Domain.Common;
using Wombat.Infrastructure.Background;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Infrastructure.Notifications;

/// <summary>
/// Wakes local subscribers at once and those of other replicas by NOTIFY: coalesced, from one connection and outside of any
/// transaction, since a NOTIFY inside one makes all commits wait for each other. While no other replica is present, nothing is sent.
/// </summary>
public sealed class PostgresNotificationBus(NpgsqlDataSource database, TimeProvider clock, BackgroundLoop loop)
    : BackgroundService,
        INotificationBus
{
    private const string Channel = "wombat";
    private const string PresencePayload = "hello";
    private const int MaxPayload = 7000;
    private static readonly TimeSpan ReconnectInterval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan PresenceInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PeerTimeout = TimeSpan.FromSeconds(35);

    private readonly string me = Uuid7.At(clock.GetUtcNow()).ToString("N");
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<Subscription, bool>> subscribers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> pending = new(StringComparer.Ordinal);
    private readonly AsyncAutoResetEvent sendRequested = new();
    private long peerSeenAt = long.MinValue;

    public void Publish(string topic)
    {
        WakeLocal(topic);
        if (HasPeers)
        {
            Send(topic);
        }
    }

    public INotificationSubscription Subscribe(string topic)
    {
        var subscription = new Subscription(this, topic);
        subscribers.GetOrAdd(topic, _ => new())[subscription] = true;
        return subscription;
    }

    private bool HasPeers => Volatile.Read(ref peerSeenAt) is var at && at != long.MinValue && clock.GetElapsedTime(at) < PeerTimeout;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(
            loop.RunAsync(new LoopOptions("listener for notifications", ReconnectInterval), ListenAsync, stoppingToken),
            loop.RunAsync(new LoopOptions("sender of notifications", ReconnectInterval), NotifyAsync, stoppingToken),
            loop.RunAsync(new LoopOptions("presence heartbeat", PresenceInterval) { WaitsFirst = true }, AnnounceAsync, stoppingToken)
        );

    private async Task ListenAsync(CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        connection.Notification += (_, e) => Receive(e.Payload);
        await connection.ExecuteAsync($"listen {new SqlName(Channel)}", cancel);

        // Notifications were missed while nobody listened: wake all subscribers.
        WakeAll();
        Send(PresencePayload);
        while (true)
        {
            await connection.WaitAsync(cancel);
        }
    }

    private async Task NotifyAsync(CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        while (true)
        {
            await sendRequested.WaitAsync(cancel);
            var text = new StringBuilder(me);
            foreach (var topic in pending.Keys)
            {
                if (text.Length + topic.Length + 1 > MaxPayload)
                {
                    sendRequested.Set();
                    break;
                }

                if (pending.TryRemove(topic, out _))
                {
                    text.Append('\n').Append(topic);
                }
            }

            if (text.Length > me.Length)
            {
                await connection.ExecuteAsync($"select pg_notify({Channel}, {text.ToString()})", cancel);
            }
        }
    }

    private Task AnnounceAsync(CancellationToken cancel)
    {
        Send(PresencePayload);
        return Task.CompletedTask;
    }

    private void Receive(string payload)
    {
        var parts = payload.Split('\n');
        if (parts[0] == me)
        {
            return;
        }

        var known = HasPeers;
        Volatile.Write(ref peerSeenAt, clock.GetTimestamp());
        foreach (var topic in parts.Skip(1).Where(t => t != PresencePayload))
        {
            WakeLocal(topic);
        }

        if (!known)
        {
            // The new replica has missed what was published before: announce this process, and read again.
            Send(PresencePayload);
            WakeAll();
        }
    }

    private void Send(string topic)
    {
        pending[topic] = true;
        sendRequested.Set();
    }

    private void WakeLocal(string topic)
    {
        if (subscribers.TryGetValue(topic, out var waiting))
        {
            foreach (var subscription in waiting.Keys)
            {
                subscription.Wake();
            }
        }
    }

    private void WakeAll()
    {
        foreach (var topic in subscribers.Keys)
        {
            WakeLocal(topic);
        }
    }

    private void Remove(Subscription subscription)
    {
        if (subscribers.TryGetValue(subscription.Topic, out var waiting))
        {
            waiting.TryRemove(subscription, out _);
            if (waiting.IsEmpty && subscribers.TryRemove(subscription.Topic, out var removed))
            {
                // A subscription added between the two checks is put back.
                foreach (var late in removed.Keys)
                {
                    subscribers.GetOrAdd(late.Topic, _ => new())[late] = true;
                    late.Wake();
                }
            }
        }
    }

    private sealed class Subscription(PostgresNotificationBus bus, string topic) : INotificationSubscription
    {
        private readonly AsyncAutoResetEvent signal = new();

        public string Topic => topic;

        public void Wake() => signal.Set();

        public Task WaitAsync(TimeSpan atMost, CancellationToken cancel) => signal.WaitAsync(atMost, cancel);

        // The event stays usable, so that a late Wake does no harm.
        public void Dispose() => bus.Remove(this);
    }
}
