using System.Text.RegularExpressions;
using Wombat.Domain.Access;
using Wombat.Domain.Common;

namespace Wombat.Domain.Users;

/// <summary>A person. Users are not deleted, because events refer to them, but deactivated, which ends their sessions and tokens.</summary>
public sealed partial class User
{
    public const int LoginMin = 2;
    public const int LoginMax = 100;
    public const int EmailMax = 254;
    public const int FullNameMax = 255;
    private const char FirstFullWidth = '\uFF01';
    private const char LastFullWidth = '\uFF5E';
    private const string LoginForm = "^[a-z0-9][a-z0-9._-]{1,99}";

    /// <summary>Names of actors other than users. They are not allowed as logins.</summary>
    public static readonly IReadOnlyList<string> Reserved = [Caller.System.Name, Caller.Anonymous.Name, Caller.FirstAdmin];

    private User() { }

    public const string LoginPattern = LoginForm + "$";

    public Guid Id { get; private set; }

    /// <summary>Unique. Only a directory synchronization changes it.</summary>
    public string Login { get; private set; } = "";

    /// <summary>The e-mail address. Not an identifier.</summary>
    public string? Email { get; private set; }

    public string FullName { get; private set; } = "";

    public PlatformRole PlatformRole { get; private set; }

    public bool Active { get; private set; }

    /// <summary>The hash of the password; null if the user has none in Wombat.</summary>
    public string? PasswordHash { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    public DateTimeOffset UpdatedAt { get; private set; }

    /// <summary>The number of changes; the ETag in the API.</summary>
    public int Version { get; private set; }

    /// <summary>The fields that may be changed.</summary>
    public UserProfile GetProfile() => new(Email, FullName, PlatformRole, Active);

    /// <param name="passwordHash">The result of a slow, salted hash function.</param>
    public static User Create(string login, UserProfile profile, DateTimeOffset now, string? passwordHash = null) =>
        new()
        {
            Id = Uuid7.At(now),
            Login = login,
            Email = profile.Email,
            FullName = profile.FullName,
            PlatformRole = profile.PlatformRole,
            Active = profile.Active,
            PasswordHash = passwordHash,
            CreatedAt = now,
            UpdatedAt = now,
            Version = 1,
        };

    public void Update(UserProfile profile, DateTimeOffset now)
    {
        Email = profile.Email;
        FullName = profile.FullName;
        PlatformRole = profile.PlatformRole;
        Active = profile.Active;
        Touch(now);
    }

    /// <summary>Changes the login to the directory's new one.</summary>
    public void Rename(string login) => Login = login;

    /// <param name="hash">The result of a slow, salted hash function.</param>
    public void SetPassword(string hash, DateTimeOffset now)
    {
        PasswordHash = hash;
        Touch(now);
    }

    /// <summary>Whether the text is a valid login: it has the right format and is not reserved.</summary>
    public static bool IsLogin(string text) => LoginRegex().IsMatch(text) && !Reserved.Contains(text, StringComparer.Ordinal);

    /// <summary>Normalizes a login for look-up: case, full-width forms and surrounding white space are ignored.</summary>
    public static string NormalizeLogin(string text) =>
        string.Create(
                text.Length,
                text,
                (result, from) =>
                {
                    for (var i = 0; i < result.Length; i++)
                    {
                        result[i] = from[i] is >= FirstFullWidth and <= LastFullWidth ? (char)(from[i] - FirstFullWidth + '!') : from[i];
                    }
                }
            )
            .Trim()
            .ToLowerInvariant();

    /// <summary>Derives a login from a name at a directory or provider: of an e-mail address, the part before the @.</summary>
    public static string ToLogin(string name) => NormalizeLogin(name).Split('@')[0];

    [GeneratedRegex(LoginForm + @"\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex LoginRegex();

    private void Touch(DateTimeOffset now)
    {
        UpdatedAt = now;
        Version++;
    }
}
