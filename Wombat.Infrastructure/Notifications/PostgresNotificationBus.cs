using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Wombat.Application.Common;
using Wombat.Domain.Common;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Infrastructure.Notifications;

/// <summary>
/// Local wakes at once; wakes of other replicas by NOTIFY, coalesced, from one connection and outside of any
/// transaction, since a NOTIFY inside one makes all committers queue. Where no other replica has said hello for
/// a while, nothing is sent.
/// </summary>
public sealed class PostgresNotificationBus(
    NpgsqlDataSource database,
    TimeProvider clock,
    DatabaseAvailability availability,
    ILogger<PostgresNotificationBus> log
) : BackgroundService, INotificationBus
{
    private const string Channel = "wombat";
    private const string PresencePayload = "hello";
    private const int MaxPayload = 7000;
    private static readonly TimeSpan HelloEvery = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PeerForgottenAfter = TimeSpan.FromSeconds(35);

    private readonly string me = Uuid7.At(clock.GetUtcNow()).ToString("N");
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<Subscription, bool>> subscribers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> pending = new(StringComparer.Ordinal);
    private readonly AsyncAutoResetEvent somethingPending = new();
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

    private bool HasPeers =>
        Volatile.Read(ref peerSeenAt) is var at && at != long.MinValue && clock.GetElapsedTime(at) < PeerForgottenAfter;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(RunAsync(ListenAsync, stoppingToken), RunAsync(NotifyAsync, stoppingToken), GreetAsync(stoppingToken));

    private async Task ListenAsync(CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        connection.Notification += (_, e) => Receive(e.Payload);
        await using (var listen = new NpgsqlCommand($"listen {Channel}", connection))
        {
            await listen.ExecuteNonQueryAsync(cancel);
        }

        // Whatever was said while nobody listened here: everyone looks.
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
        await using var command = new NpgsqlCommand("select pg_notify($1, $2)", connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Channel });
        var payload = new NpgsqlParameter<string>();
        command.Parameters.Add(payload);
        while (true)
        {
            await somethingPending.WaitAsync(cancel);
            var text = new StringBuilder(me);
            foreach (var topic in pending.Keys)
            {
                if (text.Length + topic.Length + 1 > MaxPayload)
                {
                    somethingPending.Set();
                    break;
                }

                if (pending.TryRemove(topic, out _))
                {
                    text.Append('\n').Append(topic);
                }
            }

            if (text.Length > me.Length)
            {
                payload.TypedValue = text.ToString();
                await command.ExecuteNonQueryAsync(cancel);
            }
        }
    }

    private async Task GreetAsync(CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(HelloEvery, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(cancel))
            {
                Send(PresencePayload);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
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
            // It cannot have heard what was raised here before; let it know of this process, and look itself.
            Send(PresencePayload);
            WakeAll();
        }
    }

    private async Task RunAsync(Func<CancellationToken, Task> loop, CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                await loop(cancel);
            }
            catch (Exception) when (cancel.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                if (!availability.Report(e))
                {
                    log.LogError(e, "Signals between replicas are interrupted");
                }

                await Task.Delay(TimeSpan.FromMilliseconds(500), clock, CancellationToken.None);
            }
        }
    }

    private void Send(string topic)
    {
        pending[topic] = true;
        somethingPending.Set();
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
                // One that subscribed between the two looks is put back.
                foreach (var late in removed.Keys)
                {
                    subscribers.GetOrAdd(late.Topic, _ => new())[late] = true;
                    late.Wake();
                }
            }
        }
    }

    private sealed class Subscription(PostgresNotificationBus hub, string topic) : INotificationSubscription
    {
        private readonly AsyncAutoResetEvent bell = new();

        public string Topic => topic;

        public void Wake() => bell.Set();

        public Task WaitAsync(TimeSpan atMost, CancellationToken cancel) => bell.WaitAsync(atMost, cancel);

        // The bell stays usable: a Wake that comes late hits nothing closed.
        public void Dispose() => hub.Remove(this);
    }
}
