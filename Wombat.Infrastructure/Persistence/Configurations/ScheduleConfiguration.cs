using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Wombat.Domain.Commands;

namespace Wombat.Infrastructure.Persistence.Configurations;

internal sealed class ScheduleConfiguration : IEntityTypeConfiguration<Schedule>
{
    public void Configure(EntityTypeBuilder<Schedule> builder)
    {
        builder.ToTable("schedules");
        builder.HasKey(s => s.Id).HasName("pk_schedules");
        builder.Property(s => s.Id).ValueGeneratedNever();
        builder.Property(s => s.Name).HasMaxLength(Schedule.NameMax);
        builder.Property(s => s.Spec).HasJsonConversion().IsRequired();
        builder.Property(s => s.Version).IsConcurrencyToken();
        builder.HasIndex(s => new { s.CommandId, s.Name }).IsUnique().HasDatabaseName("ux_schedules_name");
        builder.HasIndex(s => s.NextFireAt).HasDatabaseName("ix_schedules_next_fire");
        builder.HasIndex(s => new { s.ProjectId, s.Id }).HasDatabaseName("ix_schedules_project");
        builder
            .HasOne<Command>()
            .WithMany()
            .HasForeignKey(s => s.CommandId)
            .HasConstraintName("fk_schedules_command")
            .OnDelete(DeleteBehavior.Cascade);
    }
}
