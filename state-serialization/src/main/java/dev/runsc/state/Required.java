package dev.runsc.state;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A saved field that every image must hold: an image of an older version of the type that lacks it
 * is refused, unless an {@link Upgrade} supplies it. Without this mark such a field is left zero.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.FIELD)
public @interface Required {}
