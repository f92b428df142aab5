namespace Wombat.Infrastructure.Configuration;

/// <param name="Idle">A session that was not used for so long has ended.</param>
/// <param name="Lifetime">A session ends after this, used or not.</param>
/// <param name="AnonymousRead">Whether public projects can be read without signing in.</param>
/// <param name="AdminTokenEnds">Whether the first admin token becomes invalid once an active admin can sign in.</param>
public sealed record SessionSettings(TimeSpan Idle, TimeSpan Lifetime, bool AnonymousRead, bool AdminTokenEnds)
{
    internal static SessionSettings Read(SettingsReader reader) =>
        new(
            TimeSpan.FromMinutes(reader.Number("sessions.idle_minutes", 720, 1, 100_000)),
            TimeSpan.FromMinutes(reader.Number("sessions.lifetime_minutes", 7 * 24 * 60, 1, 1_000_000)),
            reader.Flag("auth.anonymous_read", defaultValue: false),
            reader.Text("auth.admin_token") switch
            {
                null or "keep" => false,
                "until_first_admin" => true,
                _ => reader.Report("auth.admin_token", "must be keep or until_first_admin", defaultValue: false),
            }
        );
}
